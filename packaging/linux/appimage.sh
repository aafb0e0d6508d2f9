#!/bin/sh
# The frozen folder as one file that runs where it lies.   appimage.sh FROZEN SHARE OUT.AppImage
# Needs appimagetool in the PATH; SLIDERS_APPIMAGE_RUNTIME names a runtime to put in front.
set -eu
frozen=$1 share=$2 out=$3
app=org.sliders.Desktop
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
dir=$stage/Sliders.AppDir
mkdir -p "$dir/usr/lib"
cp -Rl "$frozen" "$dir/usr/lib/sliders-desktop" 2>/dev/null || cp -R "$frozen" "$dir/usr/lib/"
cp -R "$share" "$dir/usr/share"
cp "$share/applications/$app.desktop" "$dir/$app.desktop"
cp "$share/icons/hicolor/256x256/apps/$app.png" "$dir/$app.png"
ln -s "$app.png" "$dir/.DirIcon"
cat >"$dir/AppRun" <<'RUN'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/usr/lib/sliders-desktop/sliders-desktop" "$@"
RUN
chmod 755 "$dir/AppRun"
ARCH=$(uname -m) appimagetool --no-appstream \
    ${SLIDERS_APPIMAGE_RUNTIME:+--runtime-file "$SLIDERS_APPIMAGE_RUNTIME"} "$dir" "$out"
