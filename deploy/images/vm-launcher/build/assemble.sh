#!/bin/sh
# Takes from this Debian system what a launcher needs and puts it into a directory: QEMU with the libraries that it
# names and its firmware, Busybox, the kernel of cloud guests, and the guest's initial RAM disk.
# usage: assemble.sh DIRECTORY
set -eu
out=$1
kernel=$(ls /boot/vmlinuz-*)
version=${kernel#/boot/vmlinuz-}
qemu=/usr/bin/qemu-system-x86_64
accelerator=/usr/lib/x86_64-linux-gnu/qemu/accel-tcg-x86_64.so

libraries() {
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// && NF == 2 { print $1 }' | grep -v ':$' | sort -u
}

mkdir -p "$out/bin" "$out/boot" "$out/tmp" "$out/run/vm" "$out/etc"
for library in $(libraries "$qemu" "$accelerator"); do
  mkdir -p "$out$(dirname "$library")"
  cp -L "$library" "$out$library"
done
cp -L --parents "$qemu" "$accelerator" "$out"
for firmware in bios-256k.bin kvmvapic.bin linuxboot_dma.bin; do
  mkdir -p "$out/usr/share/qemu"
  cp -L "$(find /usr/share/qemu /usr/share/seabios -name "$firmware" | head -n 1)" "$out/usr/share/qemu/"
done
cp /bin/busybox "$out/bin/busybox"
for applet in $(/bin/busybox --list); do
  [ "$applet" = busybox ] || ln -sf busybox "$out/bin/$applet"
done
cp "$kernel" "$out/boot/vmlinuz"
echo 'qemu:x:107:107:qemu:/:/bin/sh' > "$out/etc/passwd"

# The modules in the order in which they must be loaded: each after what it needs.
guest=/guest-root
mkdir -p "$guest/bin" "$guest/modules"
cp /bin/busybox "$guest/bin/busybox"
cp /guest/init "$guest/init"
chmod 0755 "$guest/init"
for module in virtio_pci virtio_net evdev button; do
  modprobe --show-depends --set-version "$version" "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > /modules
: > "$guest/modules/order"
while read -r module; do
  cp "$module" "$guest/modules/"
  basename "$module" >> "$guest/modules/order"
done < /modules
find "$guest" -exec touch -h -d @0 {} +
(cd "$guest" && find . | LC_ALL=C sort | /bin/busybox cpio -o -H newc | gzip -9 -n) > "$out/boot/initrd"
