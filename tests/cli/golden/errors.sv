$ akt frobnicate
! akt: det finns inget kommando frobnicate; se: akt --help
= 2
$ akt --frobnicate
! akt: det finns ingen flagga --frobnicate; se: akt --help
= 2
$ akt show
! akt: skriv så här: akt show REC [--at COMMIT]
= 2
$ akt show a b
! akt: skriv så här: akt show REC [--at COMMIT]
= 2
$ akt list --all
! akt: list: det finns ingen flagga --all; se: akt list --help
= 2
$ akt new hive --set
! akt: flaggan --set behöver ett värde: PATH=VALUE
= 2
$ akt check --schema TOY/schema
! akt: ange vilka filer som ska kontrolleras
= 2
$ akt set hive-ID
! akt: inget att ändra: ange PATH=VALUE eller --unset PATH
= 2
$ akt set hive-ID name
! akt: ett fält anges som PATH=VALUE
= 2
$ akt set hive-ID =x
! akt: ett fält anges som PATH=VALUE
= 2
$ akt set hive-ID name=@nowhere
! akt: kan inte öppna nowhere: ENOENT
= 2
$ akt set hive-ID frames.zz.holds=honey
! akt: frames.zz.holds: det finns ingen sådan punkt i listan; en ny läggs till med +
= 2
$ akt set hive-ID --unset nothing
! akt: nothing: posten har inget sådant fält
= 2
$ akt set hive-ID --unset site
hive-ID
= 0
$ akt set hive-ID size=[1
! size:1:3: här väntades ett komma eller ]
= 3
$ akt new hive
! akt: det finns ingen terminal att redigera i: ange fälten med --set PATH=VALUE eller --from FILE
= 2
$ akt edit hive-ID
! akt: det finns ingen terminal att redigera i: ändra fälten med akt set REC PATH=VALUE
= 2
$ akt new cow --set name=x
! akt: aktskåpet har ingen posttyp med det namnet; de som finns: approval, hive, inspection, person, sighting, treatment
= 2
$ akt list cow
! akt: aktskåpet har ingen posttyp med det namnet; de som finns: approval, hive, inspection, person, sighting, treatment
= 2
$ akt verify --fingerprint 12
! akt: fingeravtrycket är 64 hexadecimala tecken, så som akt init visade det
= 2
$ akt log hive-ID --path
! akt: flaggan --path behöver ett värde: P
= 2
$ akt show hive-ID --at 123
! akt: ange minst 6 tecken av ändringens id (akt log visar dem)
= 2
$ akt show hive-ID --at abcdef0
! akt: det finns ingen sådan ändring i spåret
= 2
$ akt resolve hive-ID name
! akt: ange en av --take N, --value V och --drop
= 2
$ akt resolve hive-ID name --take 0
! akt: --take är ett tal från 1 till 1000
= 2
$ akt resolve hive-ID name --take 1
! akt: i det fältet finns inte två versioner att välja mellan; akt conflicts visar var det finns
= 4
$ akt sync nowhere
! akt: det finns inget nav som heter nowhere
= 2
$ akt remote add hub hub.git
! akt: det finns redan ett nav som heter hub
= 2
$ akt remote add Hub hub.git
! akt: ett navs namn börjar med a–z, sedan a–z, 0–9, _ eller -
= 2
$ akt team Keepers --add bo
! akt: ett gruppnamn börjar med a–z, sedan a–z, 0–9, _ eller -
= 2
$ akt team nobody
! akt: det finns ingen grupp nobody; skapa den med: akt team NAME --add HANDLE
= 4
$ akt team keepers --add carl
! akt: det finns ingen medlem carl
= 4
$ akt team keepers --remove carl
! akt: carl är inte med i gruppen keepers
= 4
$ akt team new --remove bo
! akt: det finns ingen grupp new
= 4
$ akt member add bo.card --role staff
! akt: bo är redan medlem; lägg till en dator till med: akt device add
= 2
$ akt member add bo.card
! akt: ange --role: admin, supervisor, staff eller auditor
= 2
$ akt member add bo.card --role boss
! akt: rollerna är admin, supervisor, staff och auditor, med komma emellan
= 2
$ akt member add noise --role staff
! noise:1:1: akt: står inte på sin plats: ett kort har raderna akt, handle, device, recipient, signer, signature, var och en så som `akt id show` skriver den
= 3
$ akt member add nowhere --role staff
! akt: kan inte öppna nowhere: ENOENT
= 2
$ akt member role carl staff
! akt: det finns ingen medlem carl
= 4
$ akt member role bo king
! akt: rollerna är admin, supervisor, staff och auditor, med komma emellan
= 2
$ akt member remove carl
! akt: det finns ingen medlem carl
= 4
$ akt device add bo.card
! akt: en dator med det namnet eller den nyckeln hör redan till aktskåpet
= 2
$ akt device revoke bo.phone
! akt: det finns ingen dator bo.phone
= 4
$ akt access hive-ID --until tomorrow
! akt: --until är ett datum: ÅÅÅÅ-MM-DD
= 2
$ akt access hive-ID --grant nobody
! akt: det finns ingen grupp nobody
= 4
$ akt access hive-ID --revoke vets
! akt: vets står inte på läslistan för akten ODOSSIER
= 4
$ akt unlock --for ever
! akt: --for är en tid som 15m, 8h eller 90s, högst 24h
= 2
$ akt init
! akt: skriv så här: akt init DIR --name N [--schema DIR]
= 2
$ akt init anna --name Again
! akt: anna finns redan och är ingen tom mapp
= 2
$ akt init new --name New --schema empty
! akt: empty innehåller inget schema (NAMN.yaml)
= 2
$ akt init new --name New --schema bad
! hive.yaml:2:18: properties.a.typ: är inget nyckelord i JSON Schema; egna börjar med x-
= 3
$ akt init new --name New --schema nowhere
! akt: kan inte öppna nowhere: ENOENT
= 2
$ akt init new --name New --language de
! akt: språket är sv eller en
= 2
$ akt id new --handle anna --device pc --no-passphrase
! akt: den här datorn har redan en identitet (anna.id); den skrivs inte över
= 2
$ akt id new --handle Anna --device pc --no-passphrase
! akt: kortnamn och datornamn börjar med a–z, sedan a–z, 0–9, _ eller -, högst 32 tecken
= 2
$ akt id new --handle anna
! akt: ange --handle och --device
= 2
$ akt join hub.git new --fingerprint 12
! akt: fingeravtrycket är 64 hexadecimala tecken, så som akt init visade det
= 2
$ akt join hub.git new
! akt: ange --fingerprint, det som akt init visade: det bevisar att det är rätt aktskåp
= 2
$ akt hook no-such-hook
! akt: krokarna heter pre-receive och post-receive
= 2
$ akt export
! akt: ange -o DIR: mappen dit filerna skrivs i klartext
= 2
$ akt encrypt
! akt: ange en mottagare: -r age1...
= 2
$ akt encrypt -r nobody
! akt: är ingen age-mottagare (age1...)
= 3
$ akt decrypt
! akt: det här är ingen age-fil (v1)
= 5
$ akt new hive --from bad.yaml
! bad.yaml:1:7: name: får inte vara tomt
! bad.yaml:3:13: settled_on: är inget datum (ÅÅÅÅ-MM-DD)
! bad.yaml:4:8: count: ska vara minst 0
! bad.yaml:5:7: kind: är inte ett av de tillåtna värdena: langstroth (Langstroth), warre (Warré), top_bar (Topplist)
! bad.yaml:6:7: size: får ha högst 3 punkter
! bad.yaml:7:18: frames.0.holds: är inte ett av de tillåtna värdena: brood, honey, pollen, empty
= 3
$ akt new hive --from twice.yaml
! twice.yaml:2:1: name: fältet står två gånger, först på rad 1; behåll ett
= 3
$ akt new hive --from broken.yaml
! broken.yaml:2:1: name: här väntades ett komma eller ]
= 3
$ akt new hive --from list.yaml
! list.yaml:1:1: ska innehålla postens fält (namn: värde)
= 3
$ akt new hive --from anchor.yaml
! anchor.yaml:1:7: name: ankare (&) är inte tillåtna; skriv ut värdet, eller sätt citattecken om texten
= 3
$ akt new hive --from latin.yaml
! latin.yaml:1:8: name: det här är inte UTF-8; spara filen som UTF-8
= 3
$ akt new hive --from envelope.yaml
! envelope.yaml:1:1: ska innehålla postens fält (namn: värde)
= 3
$ akt new hive --from nowhere.yaml
! akt: kan inte öppna nowhere.yaml: ENOENT
= 2
$ akt new hive --set site=x
! hive-ID.yaml:13:3: data.name: måste fyllas i
= 3
$ akt new inspection --set hive=hive-ID --set on=2026-01-01
! akt: hive: hänvisar inte till någon post som du får öppna; den nya posten skulle ligga i samma akt
= 3
$ akt set hive-ID settled_on=2026-13-01 count=many
! hive-ID.yaml:15:15: data.settled_on: är inget datum (ÅÅÅÅ-MM-DD)
! hive-ID.yaml:16:10: data.count: ska vara ett heltal
= 3
$ akt check --schema TOY/schema/hive.yaml bad.yaml
bad.yaml:1:7: name: får inte vara tomt
bad.yaml:3:13: settled_on: är inget datum (ÅÅÅÅ-MM-DD)
bad.yaml:4:8: count: ska vara minst 0
bad.yaml:5:7: kind: är inte ett av de tillåtna värdena: langstroth (Langstroth), warre (Warré), top_bar (Topplist)
bad.yaml:6:7: size: får ha högst 3 punkter
bad.yaml:7:18: frames.0.holds: är inte ett av de tillåtna värdena: brood, honey, pollen, empty
= 3
$ akt check --schema bad TOY/schema/hive.yaml
hive.yaml:2:18: properties.a.typ: är inget nyckelord i JSON Schema; egna börjar med x-
= 3
$ akt schema put bad
! hive.yaml:2:18: properties.a.typ: är inget nyckelord i JSON Schema; egna börjar med x-
= 3
$ akt import nowhere
! akt: kan inte öppna mappen nowhere
= 2
$ akt check
hive-ID.yaml:14:11: data.keeper: hänvisar till en post som inte finns
= 3
$ akt show hive-ID
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt show hive-ID
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt set hive-ID name=x
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt log hive-ID
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt access ODOSSIER
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt access 0000000000
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt export hive-ID -o plain
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt edit hive-ID
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt diff hive-ID
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt resolve hive-ID name --take 1
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt check hive-ID
! akt: det finns ingen sådan post, eller så har du inte behörighet till den
= 4
$ akt new hive --dossier ODOSSIER --set name=x
! akt: det finns ingen sådan akt
= 4
$ akt new hive --dossier 0000000000 --set name=x
! akt: det finns ingen sådan akt
= 4
$ akt new inspection --set hive=hive-ID --set on=2026-01-01
! akt: hive: hänvisar inte till någon post som du får öppna; den nya posten skulle ligga i samma akt
= 3
$ akt schema put TOY/schema
gäller nu: hive, inspection, person, sighting, treatment
samt regler, rapporter och generatorer: 2
= 0
$ akt member remove anna
! akt: members/anna.yaml: det här får bara en administratör ändra (admin: Någon ändrade det som bara en administratör får ändra, eller lämnade aktskåpet utan administratör.)
= 4
$ akt team keepers --add bo
! akt: teams/keepers/EPOCH.yaml: bara en administratör bestämmer vilka som är med i en grupp (team: En grupps medlemmar eller nycklar ändrades på ett otillåtet sätt.)
= 4
$ akt list
! akt: den här datorn har ingen identitet än; skapa en med: akt id new
= 4
$ akt sync far
! akt: navets mapp finns inte där; anslut minnet eller disken, eller rätta adressen
= 6
