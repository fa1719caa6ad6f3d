/**
 * What people make passwords of, in letters only: the words of the lists of leaked passwords, names and days, and
 * sentences that everybody thinks nobody else would think of. Our own collection; weak-password.ts reads it.
 */
export const commonWords: readonly string[] = `
abc abcabc abcd abcdef abcdefg abcxyz access account admin administrador administrator amanda amazon america and
andrew android angel angels answerback anthony apple april arsenal asdf asdfasdf asdfgh asdfghjkl ashley august
australia autumn azerty baby babygirl bailey banana bandit barcelona baseball basketball batman berlin bienvenue
bird black blahblah blank blessed blink blue brother bulldog business buster butterfly california camaro canada
cash cat changeit changeme changethis charlie cheese chelsea cherry chicken chocolate christ cisco cocacola
coffee company computer contrasena cookie cookies corporate correcthorsebatterystaple
corvette cowboy cowboys cricket crystal customer daddy daniel darling database david debian december default
demo desk diamond dog doggy dollar donald donttellanyone dragon eagle eagles eight elizabeth england enter
example facebook faith falcon fall family father february feedback ferrari fish five florida flower flowers
football for forgetmenot four freedom friday friend friends gandalf garfield george ginger god godisgood gold
golden golf goodbye goodmorning goodnight google green guest hannah happy harley harrypotter heaven hello
hellohello helloworld helpdesk hey hi hockey hogwarts honda honey hope hunter idontcare idontknow ihatepasswords
ihateyou iloveme iloveu iloveyou instagram internet iphone ironman is itsasecret james january jennifer jessica
jesus jesuschrist jordan joshua july june juventus kennwort killer king kitten kitty lakers laptop letmein
letmeinnow letters letthegoodtimes liberty linkedin linux lion liverpool login logmein london love lovely loveme
lover loveyou lucky maggie magic manager manchester march maria martin master matrix matthew may
maytheforcebewithyou me mercedes merlin metallica michael michelle mickey microsoft mobile mommy monday money
monkey morning motdepasse mother mustang my myaccount mypassword mysecret network neverforget new newyork nicole
nine nirvana nobody none nothing november number numbers october office old onceuponatime one opensesame
openthedoor oracle orange our panther paris parola pass passphrase passw passwd password passwordispassword
passwort peace pepper pepsi peter phoenix phone pikachu pizza pokemon pony porsche portal power prince princess
private puppy purple pussycat qazwsx qazwsxedc queen qwer qwerqwer qwerty qwertyuiop qwertz rainbow ranger
realmadrid red rememberme rich robert root router rugby safe samantha sample samsung saturday secret secure
secured security senha september server service servicedesk sesame seven shadow signin silver sister six
slipknot snoopy soccer soldier spiderman spring startrek starwars steelers sugar summer sunday sunshine
supercalifragilistic supercalifragilisticexpialidocious superman superuser support survey surveys sweetheart
sweetie sydney sysadmin system team telephone temp temporary tennis test tester testing texas the thepassword
thequickbrownfox thequickbrownfoxjumps thisisapassword thisisasecret thisismypassword thomas three thursday
tiger tigger tobeornottobe today toinfinityandbeyond tomorrow toor topsecret toyota trustno trustnoone tuesday
twitter two ubuntu unlock user username wachtwoord warrior wasd webhook webhooks wednesday welcome whatever
whatisthis white wifi wifipassword william willkommen windows winter winteriscoming wireless wizard word work
xsw xyz yamaha yankees yellow yesterday you youllneverguess your youshallnotpass youtube zaq zero zxcv zxcvbn
zxcvbnm
`
  .trim()
  .split(/\s+/);
