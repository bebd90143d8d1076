# Types $LINE and Tab into an interactive zsh that has run $SETUP. Prints what was offered, each with its description.
export OFFERED=$(mktemp) OFFER=${0:A:h}/offer.zsh
zmodload zsh/zpty && zpty inner zsh -f -i || exit 1
zpty -w inner 'eval $SETUP; source $OFFER'
zpty -r inner shown '*<prompt>*'
zpty -w -n inner "$LINE"$'\t'
while zpty -r inner shown; do :; done
zpty -d inner
cat $OFFERED
rm $OFFERED
