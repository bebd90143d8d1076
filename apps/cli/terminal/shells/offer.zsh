# Makes Tab write what is offered to $OFFERED, and a last line when that is all, and end the shell.
compadd() {
  # With one of these it fills an array and offers nothing.
  if [[ " ${@[1,(i)(-|--)]}" == *\ -[OAD]* ]]; then builtin compadd "$@"; return; fi
  local -a __words __shown
  local -i __at=$@[(I)-d] __i
  (( __at )) && __shown=("${(@P)@[__at + 1]}")
  builtin compadd -A __words -D __shown "$@"
  for (( __i = 1; __i <= $#__words; __i += 1 )); print -r -- "${(Q)__words[__i]}"$'\t'"$__shown[__i]" >> $OFFERED
  builtin compadd "$@"
}
offer() { zle list-choices; print '<end>' >> $OFFERED; exit }
zle -N offer
bindkey '^I' offer
PS1='<prompt>'
