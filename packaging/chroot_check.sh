#!/bin/sh
# Tries a .deb in a bare Debian: no Python, no libraries, nothing but what apt installs with it.
#   chroot_check.sh NEW.deb [OLD.deb] [SUITE] [MIRROR]      needs root and debootstrap
#
# Installs OLD and uses it, upgrades to NEW, tries it without a screen and on one (Xvfb), tries the
# bad cases, removes it, and looks at what is left. CHROOT names the folder; it is kept, so that a
# second run takes seconds.
set -eu
new=$1 old=${2:-$1} suite=${3:-bookworm} mirror=${4:-}
root=${CHROOT:-build/chroot-$suite}
say() { printf '\n── %s\n' "$*"; }
inside() { chroot "$root" env -i HOME=/home/anna USER=anna PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 "$@"; }
as_anna() { inside setpriv --reuid=1000 --regid=1000 --clear-groups env "$@"; }
smoke="sliders-desktop --demo --sink wav:/tmp/heard.wav --smoke-test"
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
# What is said must be one sentence, with exit 2 and no traceback.
sentence() {
    expected=$1
    shift
    said=$("$@" 2>&1) && fail "no failure: $expected" || code=$?
    echo "$said"
    [ "$code" = 2 ] || fail "exit $code: $expected"
    case $said in *Traceback*) fail "a traceback" ;; *"$expected"*) ;; *) fail "not said: $expected" ;; esac
}

if [ ! -e "$root/etc/debian_version" ]; then
    say "A bare $suite"
    debootstrap --variant=minbase "$suite" "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 || fail "see $root.log"
    inside useradd --create-home --uid 1000 --shell /bin/sh anna
fi
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev/shm" || { mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"; }
trap 'umount "$root/proc" "$root/dev/shm" 2>/dev/null || true' EXIT
inside sh -c 'command -v python3' && fail "there is a Python inside"
rm -rf "$root/home/anna/.local" "$root/home/anna/.cache"

say "Installing"
ln -f "$old" "$root/tmp/old.deb" 2>/dev/null || cp "$old" "$root/tmp/old.deb"
ln -f "$new" "$root/tmp/new.deb" 2>/dev/null || cp "$new" "$root/tmp/new.deb"
apt() { inside DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends "$@" >"$root.apt.log" 2>&1 || fail "apt: see $root.apt.log"; }
began=$(date +%s)
apt install /tmp/old.deb
echo "$(($(date +%s) - began)) s"

say "First use, without a screen; the home is kept"
for turn in first second; do
    began=$(date +%s%N)
    as_anna QT_QPA_PLATFORM=offscreen $smoke >"$root/tmp/said" 2>&1 || { cat "$root/tmp/said"; fail "smoke test"; }
    echo "$turn: $((($(date +%s%N) - began) / 1000000)) ms"
    [ ! -s "$root/tmp/said" ] || { cat "$root/tmp/said"; fail "something was said"; }
done
[ "$(stat -c %s "$root/tmp/heard.wav")" -gt 96000 ] || fail "no second of sound"
library=$root/home/anna/.local/share/Sliders/library.db
before=$(as_anna sliders-desktop sliders | tee /dev/stderr | wc -l)

say "Upgrade"
apt install --reinstall /tmp/new.deb
after=$(as_anna sliders-desktop sliders | wc -l)
[ "$before" = "$after" ] || fail "$before lines of sliders before, $after after"
as_anna sliders-desktop --version

say "Bad cases"
sentence "There is no screen" as_anna sliders-desktop
sentence "can't be written" as_anna HOME=/nowhere QT_QPA_PLATFORM=offscreen sliders-desktop
as_anna QT_QPA_PLATFORM=offscreen sliders-desktop --home "/tmp/ein Ordner – ünd “so”" --demo --sink null --smoke-test || fail "a difficult path"
mv "$root/usr/lib/x86_64-linux-gnu/libGL.so.1" "$root/tmp/"
sentence "Sliders needs libGL.so.1" as_anna QT_QPA_PLATFORM=offscreen sliders-desktop
mv "$root/tmp/libGL.so.1" "$root/usr/lib/x86_64-linux-gnu/"
echo "no sound library:"
hidden=$(find "$root/usr/lib" -name 'libportaudio.so*')
for file in $hidden; do mv "$file" "$file.away"; done
as_anna QT_QPA_PLATFORM=offscreen sliders-desktop --temp-home --demo --sink null --smoke-test || fail "without PortAudio"
as_anna QT_QPA_PLATFORM=offscreen timeout 20 sliders-desktop doctor || fail "doctor without PortAudio"
for file in $hidden; do mv "$file.away" "$file"; done
echo "a newer library:"
as_anna mkdir -p /tmp/newer
cp "$library" "$root/tmp/newer/library.db"
chown 1000:1000 "$root/tmp/newer/library.db"
python3 -c "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
table = next(name for (name,) in db.execute(\"SELECT name FROM sqlite_master WHERE name LIKE '%migrations%' AND type = 'table'\"))
columns = [c[1] for c in db.execute(f'PRAGMA table_info({table})')]
row = dict(zip(columns, db.execute(f'SELECT * FROM {table} LIMIT 1').fetchone()))
row['name'] = 'm999_from_the_future'
row.pop('id', None)
db.execute(f'INSERT INTO {table} ({\", \".join(row)}) VALUES ({\", \".join(\"?\" * len(row))})', list(row.values()))
db.commit()" "$root/tmp/newer/library.db"
sentence "newer version" as_anna QT_QPA_PLATFORM=offscreen sliders-desktop --home /tmp/newer

say "A read-only place, used by root: nothing is written into it"
inside QT_QPA_PLATFORM=offscreen $smoke --temp-home || fail "as root"
inside dpkg --verify sliders-desktop
[ -z "$(find "$root/usr/lib/sliders-desktop" -newer "$root/tmp/said" -type f)" ] || fail "files were written"

if command -v Xvfb >/dev/null; then
    say "On a screen"
    mkdir -p "$root/tmp/.X11-unix" && mountpoint -q "$root/tmp/.X11-unix" || mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
    xvfb-run -a -s "-screen 0 1600x1000x24 -nolisten tcp" sh -c "chroot $root env -i HOME=/home/anna PATH=/usr/bin:/bin LC_ALL=C.UTF-8 DISPLAY=\$DISPLAY XAUTHORITY= $smoke --temp-home" ||
        fail "on a screen"
    umount "$root/tmp/.X11-unix"
fi

say "Removing"
apt purge sliders-desktop
[ ! -e "$root/usr/lib/sliders-desktop" ] || fail "left: $(find "$root/usr/lib/sliders-desktop" | head)"
left=$(find "$root/usr" "$root/etc" "$root/var/lib" "$root/opt" -iname '*sliders*' | grep -v /dpkg/ || true)
[ -z "$left" ] || fail "left: $left"
[ -e "$library" ] || fail "the listener's library is gone"
say "All as it should be"
