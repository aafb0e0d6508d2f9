#!/bin/sh
# Puts Sliders into the menu of this user (as root: of all users). The program stays where it is.
#   ./install.sh            install        ./install.sh --remove      remove
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" = 0 ]; then
    share=${PREFIX:-/usr/local}/share bin=${PREFIX:-/usr/local}/bin
else
    share=${XDG_DATA_HOME:-$HOME/.local/share} bin=$HOME/.local/bin
fi

refresh() {
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database -q "$share/applications" || true
    fi
    if command -v update-mime-database >/dev/null; then
        update-mime-database "$share/mime" >/dev/null 2>&1 || true
    fi
    if command -v gtk-update-icon-cache >/dev/null; then
        gtk-update-icon-cache -q -t "$share/icons/hicolor" >/dev/null 2>&1 || true
    fi
}

if [ "${1:-}" = --remove ]; then
    (cd "$here/share" && find . -type f) | while IFS= read -r file; do rm -f "$share/$file"; done
    rm -f "$bin/sliders-desktop"
    refresh
    echo "Sliders is out of the menu. Its folder, $here, can be deleted now; your library stays."
    exit 0
fi

missing=$("$here/missing-libraries.sh")
if [ -n "$missing" ]; then
    echo "Sliders needs these from your system, please install them: $missing" >&2
    if command -v apt-get >/dev/null; then
        echo "    sudo apt-get install $("$here/missing-libraries.sh" --packages)" >&2
    fi
fi
mkdir -p "$share" "$bin"
cp -R "$here/share/." "$share/"
# The place may hold spaces and quotes: the menu's file wants them escaped.
escaped=$(printf '%s' "$here/sliders-desktop" | sed 's/[\\"`$]/\\\\&/g')
sed -e '/^TryExec=/d' -e "s|^Exec=.*|Exec=\"$(printf '%s' "$escaped" | sed 's/[&|\\]/\\&/g')\" %f|" \
    "$here/share/applications/org.sliders.Desktop.desktop" \
    >"$share/applications/org.sliders.Desktop.desktop"
ln -sf "$here/sliders-desktop" "$bin/sliders-desktop"
refresh
echo "Sliders is in the menu now, and can be started as $bin/sliders-desktop."
