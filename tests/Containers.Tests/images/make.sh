#!/usr/bin/env bash
# The images that the tests run on, made of Debian packages: where no registry of images can be reached there is no other base. Test support, no part of the product.
#
#   make.sh base    what the chiseled base of the product's image holds: C library, TLS, roots of trust, time zones; no shell
#   make.sh aspnet  the same with the runtime of this machine's SDK: for Notes and the Drive emulator
#   make.sh tools   a shell, Python and sqlite3: writers that are not ours, and the build stage of the Dockerfile
#
# Needs apt-get, dpkg-deb and a Docker engine.
set -euo pipefail

prefix=backup-sidecar-test
base=(libc6 libgcc-s1 libstdc++6 libssl3 zlib1g ca-certificates tzdata)
tools=("${base[@]}" fossil libfuse2 socat libwrap0 libnsl2 libtirpc3 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libcom-err2 libkrb5support0 libkeyutils1 busybox-static sqlite3 libsqlite3-0 libreadline8 libtinfo6 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 libbz2-1.0 liblzma5 libffi8 libuuid1 libncursesw6)

name=$1
aspnet=("${base[@]}")
declare -n packages=$name
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The user that apt-get downloads as must reach it.
chmod 755 "$work"
mkdir -p "$work/debs" "$work/image"/{tmp,proc,sys,dev,run,etc/ssl/certs,usr/bin}
chmod 777 "$work/debs"
(cd "$work/debs" && apt-get download -q "${packages[@]}" >/dev/null)
for deb in "$work"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/image" --keep-directory-symlink --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*'
done
chmod 1777 "$work/image/tmp"
# What the package's own script would write.
find "$work/image/usr/share/ca-certificates" -name '*.crt' -exec cat {} + >"$work/image/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/root:/sbin/nologin\napp:x:1654:1654:app:/home/app:/sbin/nologin\n' >"$work/image/etc/passwd"
printf 'root:x:0:\napp:x:1654:\n' >"$work/image/etc/group"
if [ "$name" = aspnet ]; then
    # NAME VERSION [FOLDER]
    while read -r runtime version folder; do
        folder=${folder#[} folder=${folder%]}
        case "$runtime" in
            Microsoft.NETCore.App | Microsoft.AspNetCore.App)
                mkdir -p "$work/image/usr/share/dotnet/shared/$runtime" "$work/image/usr/share/dotnet/host"
                cp -r "$folder/$version" "$work/image/usr/share/dotnet/shared/$runtime/"
                cp -r "$folder/../../host/fxr" "$work/image/usr/share/dotnet/host/"
                ;;
        esac
    done < <(dotnet --list-runtimes)
fi
if [ "$name" = tools ]; then
    ln -sf python3.11 "$work/image/usr/bin/python3"
    for applet in sh cat cmp cp ls mkdir rm mv chown chmod sleep kill id test touch dd sync env true false head tail grep wc stat df date seq; do
        ln -sf /bin/busybox "$work/image/usr/bin/$applet"
    done
    cp "$(dirname "${BASH_SOURCE[0]}")"/*.py "$work/image/usr/bin/"
    [ -e "$work/image/bin/sh" ] || ln -sf busybox "$work/image/bin/sh"
fi
tar -c --numeric-owner --owner=0 --group=0 -C "$work/image" . | docker import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - "$prefix/$name:1" >/dev/null
echo "$prefix/$name:1"
