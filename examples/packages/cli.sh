npx turingpi image catalog --board rk1
npx turingpi explain BMC_UNTRUSTED
npx turingpi plugin new action hosts-line
