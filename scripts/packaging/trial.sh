#!/bin/bash
# In a minimal Debian, as root: installs the package, uses it as people do, removes it, and unpacks
# the tarball where there is no Lua. Says "passed" at last; each step by its name before it begins.
# usage: trial.sh FOLDER       the folder with both archives
set -euo pipefail
packages=$1
scratch=$(mktemp -d)
chmod 755 "$scratch"
cd "$scratch"
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=$scratch
trap 'status=$?; [ $status = 0 ] || echo "trial: failed in: $step" >&2' EXIT

step() { step=$1; echo "$step" >&2; }

# apt WORD...: quiet, unless it fails.
apt() { apt-get -y -qq --no-install-recommends "$@" >"$scratch/apt" 2>&1 || { cat "$scratch/apt" >&2; return 1; }; }

# All that is on the machine, but for what apt keeps for itself and this trial.
listed() {
  find / \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/cache \
    -o -path /var/lib/apt -o -path /var/log -o -path "$packages" \) -prune -o -print | sort
  find /dev/shm -mindepth 1 | sort
}

# until_it COMMAND...: again until it succeeds, a minute at most.
until_it() { local i; for ((i = 0; i < 300; i++)); do "$@" && return; sleep 0.2; done; return 1; }

# shows PATTERN COMMAND...: it succeeds, and prints that.
shows() { "${@:2}" >"$scratch/shown"; grep -q -- "$1" "$scratch/shown"; }

# fails COMMAND...: set -e takes no notice of what "!" denies.
fails() { if "$@"; then return 1; fi; }

as() { setpriv --reuid="$1" --regid=4711 --clear-groups env HOME=/nowhere "${@:2}"; }

# Whoever holds something reads from here until it may end.
mkfifo "$scratch/key"
exec 9<>"$scratch/key"

step "what is wanted beside it"
apt-get update -qq >/dev/null
apt install lua5.4 man-db bash-completion zsh fish \
  lua-cjson lua-lpeg lua-socket lua-filesystem lua-luv
useradd person
listed >before

step "apt install"
apt install "$packages"/moonpool_*.deb
[ "$(stat -c '%a %U' /dev/shm/moonpool-global)" = "1777 root" ]
shows '^moonpool [0-9.]* ([0-9a-f]\{12\}, Lua 5.4.[0-9]*)$' moonpool --version

step "first and second, as a user and as somebody without a name"
for who in person 4711; do
  as $who moonpool run first <"$scratch/key" & first=$!
  until_it eval "as $who moonpool run second >second.$who 2>/dev/null"
  grep -q 'Message from first process' second.$who
  echo >&9
  wait $first
  fails as $who moonpool run second >second.$who
  grep -q 'Could not open file mapping object (2)' second.$who
  rmdir "/dev/shm/moonpool-$(id -u $who 2>/dev/null || echo $who)" 2>/dev/null || true
done

step "require from a stock lua5.4"
lua5.4 -e 'local v = assert(require "shm".create("stock", 8)) v:write("stock") assert(v:read() == "stock")'

step "Debian's C modules"
modules=()
for module in cjson lpeg socket lfs luv; do
  # Ubuntu 22.04 has some of them for older Luas only.
  if lua5.4 -e "require '$module'" 2>/dev/null; then modules+=("$module"); fi
done
echo "  ${modules[*]}" >&2
[ ${#modules[@]} = 5 ] || grep -q '^ID=ubuntu' /etc/os-release
for module in "${modules[@]}"; do moonpool -e "assert(require '$module')"; done

step "the manual page and completions"
man -w moonpool >/dev/null
shows 'shm.create(name, size' man moonpool
shows _moonpool bash -c '. /usr/share/bash-completion/bash_completion
  _completion_loader moonpool || true; complete -p moonpool'
shows '^_moonpool$' zsh -c 'autoload -U compinit; compinit -u -D; print $_comps[moonpool]'
shows '^stat' fish -c 'complete -C "moonpool sta"'

step "an upgrade over itself, and a removal, while an object lives"
moonpool -e 'local v = assert(shm.create("held", 8)) v:write("kept")
  io.write("held\n"):flush() io.read() print(v:read())' <"$scratch/key" >holder & holder=$!
until_it grep -qs held holder
apt install --reinstall "$packages"/moonpool_*.deb
[ "$(moonpool -e 'print(assert(shm.open("held")):read())')" = kept ]
apt remove moonpool
[ -e /dev/shm/moonpool-0/held ]
apt install "$packages"/moonpool_*.deb
[ "$(moonpool -e 'print(assert(shm.open("held")):read())')" = kept ]
echo >&9
wait $holder
[ "$(tail -n 1 holder)" = kept ]

step "purge"
apt purge --autoremove moonpool
rmdir /dev/shm/moonpool-0
listed >after
diff before after

step "the tarball, with Debian's C modules"
mkdir unpacked
tar -xzf "$packages"/moonpool-*.tar.gz --strip-components=1 -C unpacked
here=$scratch/unpacked
for module in "${modules[@]}"; do
  env -i "$here/bin/moonpool" -e "assert(require '$module')"
done
env -i LUA_CPATH="$here/lib/lua/5.4/?.so" /usr/bin/lua5.4 -e 'assert(require "shm".create(nil, 8))'
shows "^$here/" env -i PATH="$here/bin:/usr/bin:/bin" man -w moonpool

step "the tarball where there is no Lua, without an environment"
apt purge --autoremove lua5.4 'liblua5.4*' 'lua-*'
fails ls /usr/lib/x86_64-linux-gnu/liblua5.4* 2>/dev/null
env -i "$here/bin/moonpool" -e 'assert(#shm.create(nil, 8) == 8)
  assert(package.cpath:find("/usr/lib64/lua/5.4/?.so", 1, true))
  assert(package.cpath:find("'"$here"'/lib/lua/5.4/?.so", 1, true))'
shows 'The second process showed:  Message from first process.' env -i "$here/bin/moonpool" demo
echo passed
