#!/bin/sh
# First on the PATH of a town's workers: the real git, but at a chosen call it dies, or kills the worker that called it.
# A mine is a folder in `mines/` beside this file: `args`, `input` and `unlike` are shell patterns for the call, `after` is a
# file that must be there, `blast` says how it goes off. Each goes off once: whoever moves the folder to `fired/` first.
here=${0%/*}
PATH=${PATH#"$here:"}

# Runs the real git with the input that was read, in the foreground or beside us.
run() {
  if [ -n "$taken" ]; then printf '%s\n' "$input" | git "$@"; else git "$@"; fi
}
start() {
  if [ -n "$taken" ]; then
    printf '%s\n' "$input" >"$fired/stdin"
    git "$@" <"$fired/stdin" &
  else
    exec 3<&0
    git "$@" <&3 &
  fi
  git=$!
}
# Who called: the worker itself, or the small process that starts its gits.
callers() {
  worker=$PPID
  grep -aq spawnerProcess "/proc/$PPID/cmdline" || return
  while read -r key value; do
    if [ "$key" = PPid: ]; then worker=$value; fi
  done <"/proc/$PPID/status"
}
worktrees() {
  count=0
  for each in worktrees/*; do [ -e "$each" ] && count=$((count + 1)); done
}

for mine in "$here"/mines/*; do
  [ -d "$mine" ] || break
  read -r args 2>/dev/null <"$mine/args" || continue
  case "$*" in $args) ;; *) continue ;; esac
  if read -r needed 2>/dev/null <"$mine/after"; then
    [ -e "$needed" ] || continue
  fi
  if [ -e "$mine/input" ]; then
    [ -n "$taken" ] || { input=$(cat) && taken=yes; }
    read -r wanted 2>/dev/null <"$mine/input" || continue
    case "$input" in $wanted) ;; *) continue ;; esac
    if read -r unwanted 2>/dev/null <"$mine/unlike"; then
      case "$input" in $unwanted) continue ;; esac
    fi
  fi
  fired=$here/fired/${mine##*/}
  mv "$mine" "$fired" 2>/dev/null || continue
  echo "$PPID $*" >"$fired/call"
  read -r blast <"$fired/blast"
  callers
  case $blast in
    worker-before)
      kill -9 "$worker"
      exit 1
      ;;
    worker-after)
      run "$@"
      kill -9 "$worker"
      exit 1
      ;;
    git-before) kill -9 $$ ;;
    # It goes on, and nobody hears what it says.
    spawner-midway)
      start "$@"
      kill -9 $PPID
      wait "$git"
      exit $?
      ;;
    git-midway)
      start "$@"
      sleep 0.002
      kill -9 "$git"
      kill -9 $$
      ;;
    # The registration of a worktree is there, and it is not whole.
    half-worktree)
      worktrees
      before=$count
      start "$@"
      while [ "$count" -le "$before" ] && kill -0 "$git" 2>/dev/null; do worktrees; done
      kill -9 "$git" "$worker"
      exit 1
      ;;
    # The ref transaction holds its locks, and never comes to its end.
    prepared)
      mkfifo "$fired/in"
      git "$@" <"$fired/in" >"$fired/out" &
      exec 4>"$fired/in"
      printf '%s\n' "$input" | sed '/^commit$/d' >&4
      until grep -q 'prepare: ok' "$fired/out"; do kill -0 $! || exit 1; done
      kill -9 $! "$worker"
      exit 1
      ;;
  esac
done

if [ -n "$taken" ]; then
  run "$@"
  exit $?
fi
exec git "$@"
