#!/bin/sh
# Signs Sliders.app, puts it into a disk image and has that notarised.   dmg.sh Sliders.app OUT.dmg
#
# SLIDERS_SIGN_AS          the “Developer ID Application” in the keychain; without it the signature
#                          is ad hoc, and macOS asks before the first start
# SLIDERS_NOTARY_PROFILE   what “xcrun notarytool store-credentials” was told; without it the image
#                          is not notarised
set -eu
app=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
identity=${SLIDERS_SIGN_AS:--}
stamp=--timestamp
[ "$identity" = - ] && stamp=--timestamp=none

sign() {
    codesign --force --options runtime "$stamp" --sign "$identity" "$@"
}

# From the inside out: every library and program that is no part of a framework, then those.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -u+x \) |
    while IFS= read -r file; do
        case $(file -b "$file") in *Mach-O*) sign "$file" ;; esac
    done
find "$app/Contents" -type d -name '*.framework' | while IFS= read -r framework; do
    sign "$framework"
done
sign --entitlements "$here/entitlements.plist" "$app/Contents/MacOS/sliders-desktop"
sign --entitlements "$here/entitlements.plist" "$app"
codesign --verify --deep --strict "$app"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
rm -f "$out"
hdiutil create -volname Sliders -srcfolder "$stage" -fs HFS+ -format ULMO "$out"
if [ "$identity" != - ]; then
    codesign --force "$stamp" --sign "$identity" "$out"
fi
if [ -n "${SLIDERS_NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$out" --keychain-profile "$SLIDERS_NOTARY_PROFILE" --wait
    xcrun stapler staple "$out"
    spctl --assess --type open --context context:primary-signature "$out"
fi
