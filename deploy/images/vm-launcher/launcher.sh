#!/bin/sh
# Runs one guest until it has stopped, and ends with QEMU's status. SIGTERM presses the guest's power button.
#   VM_NAME       the guest's host name
#   VM_CPUS       virtual CPUs, default 1
#   VM_MEMORY_MB  memory of the guest in MiB, default 128
#   VM_PORTS      TCP ports of this pod that lead to the guest's of the same number, or PORT:GUEST-PORT; default 8080
#   VM_SSH_KEYS   SSH keys, one a line; more of them in the files of the directories in /var/seed/keys
#   VM_USER_DATA  cloud-init's user data; absent: /var/seed/user-data/userData, which may be absent too
set -eu
work=/run/vm
rm -rf "$work/seed" "$work"/monitor.*
mkdir -p "$work/seed"
printf '%s\n' "$VM_NAME" > "$work/seed/name"
{
  printf '%s\n' "${VM_SSH_KEYS:-}"
  for file in /var/seed/keys/*/*; do
    if [ -f "$file" ]; then cat "$file"; echo; fi
  done
} | sed '/^$/d' > "$work/seed/authorized-keys"
if [ -n "${VM_USER_DATA:-}" ]; then
  printf '%s\n' "$VM_USER_DATA" > "$work/seed/user-data"
elif [ -f /var/seed/user-data/userData ]; then
  cat /var/seed/user-data/userData > "$work/seed/user-data"
else
  : > "$work/seed/user-data"
fi
{ cat /boot/initrd; (cd "$work" && find seed | cpio -o -H newc 2>/dev/null | gzip); } > "$work/initrd"

if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
  accelerator='-accel kvm -cpu host'
else
  # Without a limit the translator's buffer would take a gigabyte of the pod's memory.
  accelerator='-accel tcg,tb-size=32 -cpu qemu64'
fi
forwards=
for port in ${VM_PORTS:-8080}; do forwards="$forwards,hostfwd=tcp::${port%%:*}-:${port##*:}"; done

mkfifo "$work/monitor.in" "$work/monitor.out"
# shellcheck disable=SC2086 # the accelerator is several arguments
qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -machine q35 $accelerator \
  -smp "${VM_CPUS:-1}" -m "${VM_MEMORY_MB:-128}M" -name "$VM_NAME" \
  -kernel /boot/vmlinuz -initrd "$work/initrd" -append 'console=ttyS0 panic=-1 loglevel=4' \
  -chardev stdio,id=console,signal=off -serial chardev:console -monitor "pipe:$work/monitor" \
  -netdev "user,id=net$forwards" -device virtio-net-pci,netdev=net,romfile= < /dev/null &
qemu=$!
trap 'echo system_powerdown > "$work/monitor.in"' TERM INT
status=0
while kill -0 "$qemu" 2>/dev/null; do
  # A signal ends the wait; the guest is still on its way down then.
  wait "$qemu" && status=0 || status=$?
done
exit "$status"
