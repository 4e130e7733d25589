"""What made-up bulletins are about: sentences in which a name in braces is drawn from ``benchmarks.words.WORDS``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """What one section can be about: headlines, first sentences, and sentences that may follow in any order."""

    headlines: tuple[str, ...]
    openings: tuple[str, ...]
    details: tuple[str, ...]


TOPICS = (
    Topic(
        (
            "Consular protection class for {people}",
            "“Consular Protection for All” comes to {town}",
            "Safe journeys begin in {town}",
        ),
        (
            "{count} {people} from {town} attended a consular protection class on {day}, held at the {venue}.",
            "On {day}, {count} {people} came to the {venue} for a class of “Consular Protection for All”.",
            "On {day}, a consular protection quiz for {people} filled the {venue} in {town}, with {count} watching.",
        ),
        (
            "A former consul who had worked in {country} told how {count} travelers got home after {trouble}.",
            "Visitors took home {count} leaflets on {paper}, {paper2} and the 12308 hotline.",
            "In a role play about {trouble}, {people} had to call for help in {language} within three minutes.",
            "{surname}, a retired {trade}, said that the part about {paper} will be remembered longest in {town}.",
            "The lecturer went through {small} cases from {country} and {country2} that had begun with {trouble}.",
            "Further classes for {people} are planned in {town2} before the end of {month}.",
        ),
    ),
    Topic(
        (
            "Delegation from {city} visits {town}",
            "Guests from {country} look into {field}",
            "{city} and {town} talk about {field}",
        ),
        (
            "A delegation of {small} from {city}, led by {foreigner}, visited {town} on {day} to study {field}.",
            "On {day}, {small} officials and {people2} from {country} were shown round the {venue} in {town}.",
            "{foreigner}, deputy mayor of {city}, opened a three-day visit to {town} on {day} with a talk on {field}.",
        ),
        (
            "At the {venue}, the guests asked {count} questions about {field}, {small} of them in {language}.",
            "Both sides signed a letter of intent on {field} and will exchange {people2} for {small} weeks each year.",
            "{foreigner} compared the {venue} with a similar house in {city} that receives {count} visitors a day.",
            "A joint study of {field} in {town} and {city} will be finished by {month}.",
            "Before leaving, the delegation planted {small} {trees} beside the {venue} and tasted {food}.",
            "The contact goes back to {foreigner}, a {trade} from {country} who lived in {town} for {small} years.",
        ),
    ),
    Topic(
        (
            "{language} corner opens at the {venue}",
            "{people} practice {language} in {town}",
            "A hundred evenings of {language}",
        ),
        (
            "On {day}, the {venue} opened a corner for {language}, where {people} can meet {people2} from {country}.",
            "Every week since {day}, {count} {people} have met at the {venue} to speak {language} for two hours.",
            "{count} {people} entered the {language} contest which ended on {day} in {town}.",
        ),
        (
            "The first evening was about {food}, the second about {field}, and the third will be about {trouble}.",
            "{foreigner} from {city}, who teaches {language} there, corrected {count} sentences and praised {count2}.",
            "{surname}, aged {small}, won first prize with a speech on {field} and a poem about {trees}.",
            "Volunteers have translated {count} words about {food} and {paper} into {language} and {language2}.",
            "The {venue} lends out {count} books in {language}, among them a cookery book from {city}.",
        ),
    ),
    Topic(
        (
            "Bilingual signs renewed in {town}",
            "{count} signs read anew",
            "Clear words at the {venue}",
        ),
        (
            "Between {day} and the end of {month}, {count} bilingual signs were checked in {town} by {people}.",
            "On {day}, {small} {people2} walked from the {venue} to {town2} and noted {count} faulty signs.",
            "The translation of {count} signs around the {venue} in {town} was corrected by {day}.",
        ),
        (
            "The commonest mistake concerned {paper}; a sign on {trees} had been wrong for {small} years.",
            "{foreigner}, a {trade} from {country}, suggested shorter words for {field} and {paper}.",
            "Residents reported {count} further signs by telephone, {small} of them at the {venue} in {town2}.",
            "New panels in {language} and English stand at {small} bus stops between {town} and {town2}.",
            "An updated glossary of {count} terms about {field} was printed for {people} in {month}.",
        ),
    ),
    Topic(
        (
            "Service desk for {people2} from abroad",
            "One window for work in {town}",
            "Companies in {town} ask about {paper}",
        ),
        (
            "A service desk for {people2} from {country} and {country2} opened at the {venue} in {town} on {day}.",
            "{count} companies in {town} that work in {field} were visited between {day} and the end of {month}.",
            "On {day}, staff of {small} authorities answered questions about {paper} at the {venue} in {town}.",
        ),
        (
            "{count} of the {people2} came from {country}; most wanted to know about {paper} and {paper2}.",
            "A company in {field} that employs {count} {people2} in {country} asked for a talk on {trouble}.",
            "Handling {paper} now takes {small} minutes instead of {small2} days, and {paper2} can be had online.",
            "{foreigner}, a {trade} who has lived in {town} since {year}, helped to word the guide in {language}.",
            "By {month}, the desk had dealt with {count} matters, {count2} of them concerning {paper}.",
        ),
    ),
    Topic(
        (
            "{food} and music from {country}",
            "Neighbors celebrate with guests from {city}",
            "A festival of {trees} in {town}",
        ),
        (
            "{count} residents and {small} families from {country} celebrated at the {venue} in {town} on {day}.",
            "A fair of {food} and crafts from {country} was held in {town} on {day} and drew {count} visitors.",
            "On {day}, musicians from {city} played among the {trees} of {town} before an audience of {count}.",
        ),
        (
            "{people} cooked {food} together with {people2} from {city} and wrote the recipe down in {language}.",
            "{foreigner} sang a song from {country} about {trees}, and {count} {people} joined in.",
            "The {venue} showed {count} photographs of {city} taken by a {trade} between {year} and {year2}.",
            "The proceeds of {count} yuan will go to {people} in {town2} who are learning {language}.",
            "{surname}, who runs a stall for {food} in {town}, has been invited to {city} in {month}.",
        ),
    ),
    Topic(
        (
            "Schools in {town} and {city} become partners",
            "{people} write to {city}",
            "Video lesson with {country}",
        ),
        (
            "A school in {town} and one in {city}, {country}, agreed on {day} to teach {field} together.",
            "On {day}, {count} {people} in {town} took part in a video lesson on {field} with a school in {city}.",
            "{small} teachers from {city} spent the week after {day} at a school near the {venue} in {town}.",
        ),
        (
            "The pupils compared {trees} and {food} in both places and drew {count} pictures of them.",
            "{foreigner}, who teaches {language} in {city}, will come to {town} for {small} months from {month}.",
            "In an essay contest about {field}, {count} texts were handed in, {small} of them in {language}.",
            "Parents were told about {paper} and about what to do in case of {trouble} in {country}.",
            "A greenhouse for {trees} at the {venue} is looked after by {people} and watched from {city} by camera.",
        ),
    ),
    Topic(
        (
            "Drill against {trouble} at the {venue}",
            "{people} prepare for the unexpected",
            "Overseas security in {field}",
        ),
        (
            "{count} {people2} who are to work in {country} took part in a security drill at the {venue} on {day}.",
            "On {day}, {small} companies in {field} practiced in {town} how to react to {trouble}.",
            "An exercise about {trouble} was held in {town} on {day} for {people} and {count} {people2}.",
        ),
        (
            "The exercise assumed {trouble} in {city}, {small} kilometers from the nearest consulate.",
            "A {trade} who had spent {small} years in {country} judged {count} answers and praised {small2} of them.",
            "Checklists about {paper} and {trouble} were handed to all {people2} in {language} and English.",
            "{surname} of the district foreign affairs office said that {field} needs {paper} as much as courage.",
            "The next drill, on {trouble} at sea, will take place at the {venue} in {month}.",
        ),
    ),
    Topic(
        (
            "Sister city {city} sends {trees}",
            "{small} years with {city}",
            "Exhibition on {city} at the {venue}",
        ),
        (
            "An exhibition on {city}, {country}, was opened at the {venue} in {town} on {day} by {foreigner}.",
            "To mark {small} years of friendship with {city}, {count} {trees} were planted in {town} on {day}.",
            "On {day}, {people} from {town} came back from a week in {city}, where they had studied {field}.",
        ),
        (
            "{count} objects tell of {field} in {city}, among them the diary of a {trade} from {year}.",
            "Guided tours in {language} are offered by {people}; {count} visitors came in the first {small} days.",
            "{foreigner} gave the {venue} a clock from {city} and received {food} for the journey.",
            "Next year, {small} {people2} from {town} will travel to {city} to speak about {field}.",
            "The two places have exchanged {count} {people} since {year}, and {trees} almost as often.",
        ),
    ),
    Topic(
        (
            "Volunteers wanted for {field}",
            "{count} volunteers, {small} languages",
            "Helping hands at the {venue}",
        ),
        (
            "{count} volunteers from {town}, many of them {people}, began their service at the {venue} on {day}.",
            "From {day}, {people2} from {country} and {country2} will help as volunteers in {town}.",
            "On {day}, {small} teams of volunteers met in {town} to be trained in {field} and {language}.",
        ),
        (
            "They explain {paper} in {language}, help with {trouble} and know where to find {food}.",
            "{foreigner}, a {trade} from {city}, has given {count} hours and learned {small} songs.",
            "Each team has {small} members, a folder on {paper} and a telephone list for {trouble}.",
            "In {month}, {count} {people} will be honored at the {venue} for {small} years of service.",
            "{surname} thanked the {people} and said that without them {field} in {town} would stand still.",
        ),
    ),
)

LEADS = (
    "In {month}, the districts brought people from {country} and {country2} together with {people} and made {field} "
    "a matter for everyone.",
    "From {town} to {town2}, districts received guests from {city}, explained {paper} and invited {people}.",
    "The past weeks were devoted to {field}: {count} {people} met {people2} from {country} in all parts of the city.",
)
PURPOSES = (
    "The Beijing Foreign Affairs Office held a series of {small} events for {people} between {day} and the end of "
    "{month}, with {field} as its theme.",
    "More than {count} {people} and {people2} took part in a program on {field} that the Beijing Foreign Affairs "
    "Office began on {day}.",
)
CLOSINGS = (
    "Going forward, the Office will take the program to {town} and collect ideas from {people} by {month}.",
    "Going forward, {small} further events on {field} are planned, and {people2} from {country} will be invited.",
)
THEMES = (
    "City Puts {field} on the Timetable",
    "{people} Learn about {field}",
    "{month} Program Brings {language} to {town}",
    "From {town} to {city}: A Season of {field}",
)
FOOTER = "(Based on information from foreign affairs offices of the above districts)"
