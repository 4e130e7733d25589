"""Words that fill the sentences of made-up bulletins, by the name that stands for them in braces."""

from __future__ import annotations

_WORDS = {
    "people": (
        "residents, pupils, students, parents, retired teachers, taxi drivers, nurses, shopkeepers, engineers, choir "
        "singers, cyclists, community workers, families, apprentices, librarians, hikers, young farmers, grandparents"
    ),
    "people2": (
        "researchers, cooks, architects, football coaches, interpreters, doctors, exchange students, film makers, "
        "gardeners, managers, railway technicians, designers, dancers, winemakers, programmers, journalists"
    ),
    "trade": (
        "carpenter, dentist, pilot, glassmaker, botanist, translator, ship's cook, violinist, surveyor, baker, "
        "geologist, clockmaker, nurse, photographer, diplomat, potter"
    ),
    "town": (
        "Liulin Town, Hongqiao Subdistrict, Baihua Community, Nanshan Town, Shuangquan Subdistrict, Yongfeng Town, "
        "Qinghe Subdistrict, Lianhua Community, Dongting Town, Beihu Subdistrict, Jinsong Community, Xishan Town, "
        "Yulan Subdistrict, Gaobei Town, Songshu Community, Mantou Hill, Taiping Subdistrict, Wanquan Town, Heping "
        "Community, Longtan Subdistrict, Sanlihe Town, Fuxing Community, Tuanjie Subdistrict, Guanghua Town"
    ),
    "venue": (
        "public library, children's palace, culture center, old railway station, science park, market hall, sports "
        "center, community hospital, botanical garden, industrial museum, town hall, vocational school, concert hall, "
        "exhibition hall, senior citizens' home, innovation hub, open-air theater, water works, city archive, "
        "bookshop"
    ),
    "country": (
        "Kenya, Portugal, Chile, Finland, Vietnam, Morocco, Georgia, Canada, Egypt, Hungary, Thailand, Peru, Ireland, "
        "Kazakhstan, Ghana, Norway, Malaysia, Serbia, Uruguay, Jordan, Iceland, Zambia, Croatia, Mexico, Latvia, "
        "Nepal"
    ),
    "city": (
        "Mombasa, Porto, Valparaíso, Tampere, Da Nang, Fez, Batumi, Halifax, Alexandria, Debrecen, Chiang Mai, "
        "Arequipa, Cork, Almaty, Kumasi, Bergen, Ipoh, Novi Sad, Salto, Aqaba, Akureyri, Livingstone, Split, Oaxaca, "
        "Riga, Pokhara"
    ),
    "foreigner": (
        "Amina Otieno, Rui Tavares, Carmen Soto, Aino Lehtonen, Tran Minh, Youssef Alami, Nino Beridze, Claire Morin, "
        "Hany Fahmy, Zsófia Kiss, Somchai Rattana, Luz Quispe, Sean Doyle, Aigerim Bekova, Kofi Mensah, Ingrid Dahl, "
        "Aisyah Rahman, Milan Petrović, Diego Silveira, Rania Haddad, Jón Stefánsson, Mutale Banda, Ana Kovač, Pilar "
        "Ortega"
    ),
    "surname": (
        "Ms. Zhao, Mr. Qian, Ms. Sun, Mr. Zhou, Ms. Wu, Mr. Zheng, Ms. Feng, Mr. Chu, Ms. Jiang, Mr. Shen, Ms. Han, "
        "Mr. Yang, Ms. Xu, Mr. He, Ms. Lü, Mr. Shi, Ms. Kong, Mr. Cao, Ms. Yan, Mr. Tao"
    ),
    "field": (
        "elderly care, urban farming, flood control, waste sorting, early education, river cleaning, heat pumps, "
        "sports medicine, the restoration of courtyards, night buses, bird protection, printing, robotics, "
        "rehabilitation, traditional medicine, film archives, drinking water, solar roofs, food safety, theater for "
        "children, cross-border trade, bicycle lanes"
    ),
    "trouble": (
        "a lost passport, an earthquake, a strike at the airport, a forged rental contract, a traffic accident, a "
        "sudden illness, a stolen telephone, a flood, telephone fraud, a missed ferry, a forest fire, a currency "
        "scam, a power cut, a broken leg, an unpaid wage, a snowstorm"
    ),
    "paper": (
        "work permits, travel insurance, driving licenses, tax returns, residence permits, school enrollment, birth "
        "certificates, customs forms, visa extensions, medical records, bank accounts, rental contracts, notarized "
        "copies"
    ),
    "language": (
        "Spanish, Arabic, French, Russian, Portuguese, Japanese, Korean, German, Swahili, Italian, Thai, Hungarian, "
        "Finnish"
    ),
    "food": (
        "dumplings, flat bread, fish soup, noodles with sesame, pancakes, grilled peppers, rice cakes, stuffed vine "
        "leaves, pumpkin soup, almond biscuits, hand-pulled noodles, lentil stew, honey cake, pickled radish"
    ),
    "trees": (
        "crab apple trees, peonies, ginkgo trees, olive trees, chrysanthemums, magnolias, persimmon trees, roses, "
        "pines, lilac bushes, cherry trees, willows"
    ),
}
WORDS = {kind: tuple(words.split(", ")) for kind, words in _WORDS.items()}
