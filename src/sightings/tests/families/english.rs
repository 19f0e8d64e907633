//! Templates in English. `#` is a number, `@` a name, `{a|b|c}` one of them; a line that begins with `?` is left out
//! now and then, one that begins with `*8` comes four to eight times.

/// Name and template of each family.
pub const FAMILIES: [(&str, &str); 15] = [
    (
        "shares",
        "Shares of @ @ {rose|fell|slipped|jumped} #.# percent to #.# crowns in {early|late|midday} trading on {Monday|Tuesday|Friday}.\n\
         The stock opened at #.# and traded as high as #.#, with # shares changing hands against a daily average of #.\n\
         The company has a market value of #.# million crowns and a price-earnings ratio of #.#.\n\
         ?Analysts at @ Securities raised their target from # to # crowns and kept the rating at {buy|hold|sell}.\n\
         This report was made by a program from data of the exchange and is sent to readers every hour.",
    ),
    (
        "quake",
        "A magnitude #.# earthquake struck # kilometres {north|south|east|west} of @ at #:# local time, the institute said.\n\
         The epicentre was at a depth of # kilometres, according to stations of the national network.\n\
         ?There were no reports of damage or casualties, and no warning was issued for the coast.\n\
         ?Residents of @ said that they felt the shaking for about # seconds.\n\
         ?In the past ten days there have been # quakes of strength # or more nearby.\n\
         The institute asks everybody who felt it to fill in the form on its website, which helps to draw maps.",
    ),
    (
        "match",
        "@ United beat @ Rovers #-# at @ Park on {Saturday|Sunday} in front of a crowd of #.\n\
         @ opened the scoring in minute # with a {header|volley|penalty|free kick} after a pass from @, before @ saw the yellow card.\n\
         The home side had # percent of possession and # shots, of which # were on target, while the visitors won # corners.\n\
         The result leaves the hosts in place # with # points and # games of the season left to play.\n\
         Both teams are back in action next weekend. Report made from official data of the league. Referee: @.",
    ),
    (
        "weather",
        "@ will see {sunny spells|showers|fog|strong winds|snow} on {Monday|Tuesday|Friday}, with a high of # degrees and a low of # at night.\n\
         Winds blow from the {north|south|east|west} at up to # kilometres an hour, and the chance of rain is # percent.\n\
         The outlook for the rest of the week remains {changeable|dry|wet|cold}, and forecasters expect a new front by {Thursday|the weekend}.\n\
         Drivers are advised to check the state of the roads before setting off, and to leave more time than usual.",
    ),
    (
        "obituary",
        "@ @, a {teacher|painter|farmer|judge|singer|nurse|builder|priest} from @, has died after a {short|long|brief} illness, the family said.\n\
         ?Born in @ as the {first|second|third|last} of {two|three|four|five|six} children, the deceased moved to @ early in life.\n\
         ?Friends in @ remember a person who never raised a voice and was there when help was needed.\n\
         ?The funeral will be held at the church of Saint @ in @, and the family asks that no flowers be sent.\n\
         ?Gifts may be made to the society for the care of old {animals|houses|books|orchards} in @ instead.\n\
         The deceased is survived by @ @ and by @ @, and by {several|many|two|three} grandchildren.",
    ),
    (
        "blotter",
        "Police in @ are looking for a {man|woman|youth} who {took|stole|grabbed} a {bicycle|handbag|lawn mower|cash box|necklace} from a {garage|shop|cellar|garden} in @ Street.\n\
         ?By first findings the thief came in through a {window|back door|gate|side entrance} and left towards @ on {foot|a bicycle|a scooter}.\n\
         ?A search with {two|three|several} cars around @ did not lead to an arrest, a speaker said on {Monday|Tuesday|Friday}.\n\
         ?The person is {tall|short|slight|heavy}, with {dark|fair|red|grey|no} hair, and wore a {blue|black|green|brown} jacket and {blue|black|green|white} shoes.\n\
         Whoever saw anything out of the ordinary near @ is asked to call the station in @.",
    ),
    (
        "horoscope",
        "Your stars for {Monday|Tuesday|Wednesday|Thursday|Friday}, {Ram|Bull|Twins|Crab|Lion|Scales|Archer|Fishes}.\n\
         {A good day to settle an old matter you have put off for too long|A message brings a question which only you can answer|Money comes and goes, and this week it mostly goes|Somebody at work watches what you do and likes what they see}.\n\
         {Take an hour for yourself in the evening and leave the telephone in another room|An invitation you did not expect turns out better than you think|Do not sign anything before you have read the small letters twice|The stars favour journeys, even short ones, and a walk counts too}.\n\
         {Your patience is tried by a person who is close to you|Listen more than you speak and you learn something of use|Love asks for courage now, and courage is what you have|An old habit returns, and it is up to you whether it stays}.\n\
         {A small gift opens a door that has been closed for years|Trust your first thought, for the second one is only fear|Plans for the summer take shape around the family table|Somebody owes you an apology and will offer it soon}.\n\
         Our astrologer writes for readers of the @ Courier every morning.",
    ),
    (
        "earnings",
        "@ Industries said its {first|second|third|fourth}-quarter profit {rose|fell|slid|climbed} to #.# million crowns, or #.# a share, from #.# million, or #.# a share, a year earlier.\n\
         Revenue for the three months {rose|fell|grew|shrank} # percent to #.# million crowns from #.# million.\n\
         ?Excluding one-time items, profit was #.# a share, the company based in @ said in a statement.\n\
         Analysts on average had expected #.# a share on revenue of #.# million, according to a poll of # brokers.\n\
         ?The company sees profit for the full year of between #.# and #.# a share.\n\
         Its shares, which have {gained|lost} # percent since the start of the year, closed at #.# crowns on {Monday|Tuesday|Wednesday|Thursday}.",
    ),
    (
        "poll",
        "The @ party would win # percent of the votes if an election were held now, {up|down} # points from last month, a poll by the institute of @ showed on {Sunday|Monday|Friday}.\n\
         The @ party came second with # percent, {up|down} # points, ahead of the @ list with # percent.\n\
         ?Asked who should lead the government, # percent named @ @ and # percent named @ @.\n\
         ?Of those asked, # percent said that they had not made up their minds, and # percent would not vote at all.\n\
         The institute asked # people by telephone between the # and the # of the month, and the margin of error is #.# points.",
    ),
    (
        "traffic",
        "Road {A|B|E|M}# is {closed|blocked|down to one lane} between @ and @ after {an accident|a breakdown|a fallen tree|an oil spill} at #:# this {morning|afternoon|evening}.\n\
         ?There are queues of about # kilometres, and drivers should allow # minutes more for the way.\n\
         ?A diversion is signed by way of @ and @.\n\
         ?Buses on lines #, # and # do not call at @ until further notice.\n\
         ?On the road from @ to @ a radar check was reported near kilometre #.\n\
         Police ask everybody to form a lane for rescue cars and to listen to the radio of the region for news.",
    ),
    (
        "court",
        "The following cases were heard at the magistrates' court of @ on {Monday|Tuesday|Wednesday|Thursday|Friday}.\n\
         *12 @ @, #, of @ Road, @: {fined # crowns for driving without insurance|given # penalty points for speeding at # in a zone of #|ordered to do # hours of unpaid work for theft from a shop|banned from driving for # months after a breath test|bound over for # months after a quarrel with a neighbour}. Costs of # crowns.\n\
         The names and addresses are given as they were read out in court, and the list is published every week.",
    ),
    (
        "rates",
        "The central bank in @ set the following middle rates for {Monday|Tuesday|Wednesday|Thursday|Friday}, the #th.\n\
         Crown to the dollar: #.#. Crown to the euro: #.#. Crown to the pound: #.#. Crown to the yen, for one hundred: #.#.\n\
         *5 The {krone|franc|rand|rupee|peso|zloty|forint|lira} was fixed at #.# after #.# on the day before, a change of #.# percent.\n\
         Rates are set once each working day after the market in the capital has closed and hold for customs and taxes.",
    ),
    (
        "guide",
        "On the screen tonight, our choice of what to see on {Monday|Tuesday|Wednesday|Thursday|Friday|Saturday}.\n\
         *12 #:# {First Programme|Second Programme|Regional|Culture|Children}: {The @ Murders|Doctor @|Return to @|Gardens of @|The House in @}, {film|series|documentary|quiz} with @ @ and @ @. {A light evening for all the family|Slow to begin with, then very good|Seen before, and worth seeing again|For those who like it dark}.\n\
         All times are those the stations gave us, and changes are possible at short notice.",
    ),
    (
        "recipe",
        "Our recipe of the week comes from {a reader|the cook of the inn|a baker|a grandmother} in @ and serves {two|four|six|eight}.\n\
         Take {a pound of potatoes|two cups of lentils|a small cabbage|half a pumpkin|six leeks|a handful of mushrooms} and {cut into fine slices|boil until soft|grate roughly|leave in cold water over night}.\n\
         ?{Melt butter in a wide pan and fry an onion in it|Heat oil in a pot with a spoon of seeds|Bring salted water to the boil with a bay leaf|Warm milk slowly without letting it boil}.\n\
         ?Stir in {flour|cream|mustard|crushed garlic|grated cheese|breadcrumbs} and let it stand {for a while|until it thickens|away from the heat|with the lid on}.\n\
         ?Season with {nutmeg|caraway|thyme|pepper|lemon peel|parsley} and {bake until the top is brown|simmer over a low flame|serve at once on warm plates|leave to cool by the window}.\n\
         It goes well with {dark bread|a green salad|boiled eggs|pickled beets} and keeps until the next day in a cool place. Send us your own recipe, and we will cook it and print the best.",
    ),
    (
        "results",
        "Results of the {district|county|regional} league, round #.\n\
         *10 @ {Town|Athletic|Wanderers|Rangers} # @ {City|Albion|Villa|United} #. Scorers: @ (#), @ (#), @ (#).\n\
         Table and scorers are brought to you by the association, which takes no blame for mistakes.",
    ),
];
