"""A sentence tells of a deed where its main verb is in the past or perfect tense and tells of doing."""

from __future__ import annotations

import pytest

from rag.text.tenses import is_past, telling_of

DEEDS = """
Fifty students who will leave in September attended a lecture in Gucheng.
Villagers whose children work overseas joined the class.
The staff of a company which installs pumps in Chile discussed insurance.
The delegation, led by Ata Serdarow, Leader of the Democratic Party, learned about the progress of governance.
Impressed by the gallery, the meeting room, and the book bar, the guests hailed the services here.
An emergency drill was carried out in a hangar.
The Office has responded promptly to residents' needs.
To ensure safe development overseas, the Office visited Anton and answered questions.
A leaflet on the hotline that runs day and night was handed to every guest.
On May 4, in a hall that can hold 200 people, two choirs from Porto sang for the neighbours.
Residents met in the yard on May 3, and the next meeting will be held in June.
Chefs from Lima cooked for 90 pensioners.
The seminar took place in Yizhuang.
Miyun is home to 130,000 hives, and the district received eleven beekeepers in June.
Founded in 1998, the choir toured three parks last week.
Under the motto "We will return", volunteers planted 300 trees.
By June 9, the sites had given 41,700 doses.
Nine ambassadors were the guests of the town on May 18.
The two towns have agreed to exchange teachers.
Measures include sending books and inviting experts.
June 15: visit of farmers from Wallonia
4月8日，延庆区外办在儒林街道举办平安出行知识竞赛。
为帮助员工平安出行，朝阳区外办走访该公司。
工作人员将手册送到居民手中。
智利客人参观了葡萄园。
""".strip().splitlines()
OTHERS = """
Anton Oilfield Services Group operates in more than 30 countries and regions.
Going forward, the Office will continue to strengthen its efforts in accordance with the plans adopted in 2023.
In the next step, services offered by the station will be extended to all districts.
In order to be prepared, members of a team need to know whom to call.
The experimental school at Fatou, founded in 1987, teaches French and Spanish.
The agreement signed in May will run for three years.
Such a package could help the company enhance awareness.
Many retired teachers live in the newly opened quarter.
The district aims to reach 20 crews by the end of the year.
A leaflet is to be printed.
The station is located beside the gate and is open every day.
Miyun has kept bees for centuries and is home to 130,000 hives.
Classes are held every Tuesday by trained volunteers.
They looked forward to achieving common development.
The service was designed for newcomers.
The company has 2,000 employees, most of them posted abroad.
Callers should have their passport number at hand.
The office hopes to build on what was learned.
Every year the hospital sends teams to Zambia.
The United Nations has its office in Sanlitun.
To be opened in June: a desk that will issue permits
下一步，朝阳区将继续走进更多企业，举办讲座。
今后密云区将面向全区中学开设平安出行课程。
远帆测绘公司在二十多个国家设有项目。
镇上的民宿常年接待外国游客。
课程计划覆盖二十所学校。
儒林街道位于延庆城区，居民来自各行各业。
平安出行对村民十分重要。
""".strip().splitlines()


@pytest.mark.parametrize("sentence", DEEDS)
def test_what_was_done_is_a_deed(sentence: str) -> None:
    """Past or perfect, active or passive, after whatever clause; in Chinese an action that isn't announced."""
    assert telling_of(sentence) in ("deeds", "deed")


@pytest.mark.parametrize("sentence", OTHERS)
def test_what_is_or_is_to_come_is_no_deed(sentence: str) -> None:
    """The present, the future, a habit, an aim; a participle is no main verb."""
    assert telling_of(sentence) in ("past", "no past")


@pytest.mark.parametrize("word", ["visited", "used", "agreed", "took", "held", "taken"])
def test_past_tenses_and_participles_are_known(word: str) -> None:
    """Regular and irregular ones."""
    assert is_past(word)


@pytest.mark.parametrize("word", ["hundred", "need", "speed", "shed", "red", "visits", "take"])
def test_other_words_are_no_past_tense(word: str) -> None:
    """Words that merely end alike among them."""
    assert not is_past(word)
