# Types each line of $LINES_TYPED, Tab and Enter into an interactive zsh that has run $SETUP, and ends it.
zmodload zsh/zpty && zpty inner zsh -f -i || exit 1
zpty -w inner 'eval $SETUP; PS1="<prompt>"'
zpty -r inner shown '*<prompt>*'
for line in "${(@f)LINES_TYPED}"; do
  zpty -w -n inner "$line"$'\t\n'
  zpty -r inner shown '*<prompt>*'
done
zpty -w inner exit
while zpty -r inner shown; do :; done
zpty -d inner
