"""Administrators: holidays are read from the notice and looked at; a longer limit is refused; a colleague comes; a head lends."""

from __future__ import annotations

import pytest

from accounts import lending
from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Delegation, Post, User
from petitions.models import CalendarYear, Event, LocalRule, Paper
from tests.accounts.test_roster import book
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import Stage, choose, go, open_step, send

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_next_years_holidays(office: Cast, ready: Makes, stage: Stage) -> None:
    ready.registered()
    page = stage.seat(office.system_admin)
    go(page, "管理")
    stage.look(page, "manage")
    page.click("a:has-text('节假日')")
    stage.look(page, "years")
    year = today().year + 1
    page.click(f"a.matter:has-text('{year}年')")
    page.fill("[name=text]", "元旦：1月1日放假\n国庆节：10月1日至7日放假")
    page.fill("[name=source]", "国办发明电〔2026〕9号")
    page.keyboard.press("Enter")
    page.locator("h2:has-text('运行中的时限')").wait_for()
    stage.look(page, "preview")
    page.click("button:has-text('保存并重新计算')")
    page.locator("text=节假日已保存").wait_for()
    stage.look(page, "kept")
    assert CalendarYear.objects.filter(year=year).exists()


def test_a_longer_limit_is_refused_with_its_article(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.system_admin, "/manage/local-rules/")
    stage.look(page, "rules")
    page.click("a:has-text('新增地方规则')")
    page.select_option("[name=code]", "T1")
    page.fill("[name=value]", "20")
    page.check("[name=working][value='1']")
    page.fill("[name=source]", "本县信访工作办法第八条")
    page.click("[data-primary]")
    page.locator(".errors").wait_for()
    assert "第二十二条" in page.locator(".errors").inner_text()
    stage.look(page, "refused")
    page.fill("[name=value]", "5")
    page.click("[data-primary]")
    page.locator("text=已新增").wait_for()
    stage.look(page, "added")
    assert LocalRule.objects.get().value == 5


def test_a_new_colleague_from_the_first_page_to_the_first_sign_in(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.system_admin, "/manage/people/")
    stage.look(page, "people")
    page.click("a:has-text('新增人员')")
    stage.look(page, "new-person")
    page.fill("[name=name]", "周新")
    page.fill("[name=username]", "zhouxin")
    page.keyboard.press("Control+Enter")
    page.locator("h1:has-text('周新')").wait_for()
    stage.look(page, "person")
    user = User.objects.get(username="zhouxin")
    keeper = stage.seat(office.security_admin, "/manage/posts/")
    stage.look(keeper, "posts")
    keeper.click("a.matter:has-text('周新')")
    keeper.click("a:has-text('授予岗位')")
    choose(keeper, "department", office.bureau.pk)
    keeper.select_option("[name=role]", "handler")
    stage.look(keeper, "give-post")
    keeper.click("[data-primary]")
    keeper.locator("text=已授予").wait_for()
    stage.look(keeper, "holder")
    keeper.click("a:has-text('发初始密码')")
    keeper.click("[data-primary]")
    password = keeper.locator("[data-password]").inner_text()
    stage.look(keeper, "password")
    first = stage.window()
    first.goto(f"{stage.address}/sign-in/")
    first.fill("[name=username]", "zhouxin")
    first.fill("[name=password]", password)
    first.keyboard.press("Enter")
    first.locator("h1:has-text('修改密码')").wait_for()
    assert Post.objects.get(user=user).department == office.bureau
    keeper.goto(f"{stage.address}/manage/sign-ins/")
    stage.look(keeper, "sign-ins")
    keeper.goto(f"{stage.address}/manage/posts/{office.leader.post.pk}/charge/")
    stage.look(keeper, "charge")


def test_a_delegated_signature(office: Cast, ready: Makes, stage: Stage) -> None:
    run = ready.checked()
    head = stage.seat(office.unit_head)
    head.click("summary:has-text('我的岗位与退出')")
    head.click("a:has-text('委托代签')")
    stage.look(head, "lend")
    choose(head, "to_user", office.unit_leader.user.pk)
    head.fill("[name=reason]", "赴省参加培训")
    head.keyboard.press("Control+Enter")
    head.locator("text=已委托").wait_for()
    stage.look(head, "lent")
    deputy = stage.seat(office.unit_leader)
    deputy.click("summary:has-text('我的岗位与退出')")
    deputy.click(f"button:has-text('代{office.unit_head.user.name}签')")
    deputy.goto(f"{stage.address}/petitions/{run.petition.ref}/")
    open_step(deputy, "签发处理意见书")
    send(deputy, "签发处理意见书")
    deputy.locator(f"text=（代{office.unit_head.user.name}）").first.wait_for()
    stage.look(deputy, "signed")
    event = Event.objects.get(petition=run.petition, step="sign")
    assert (event.user, event.delegation) == (office.unit_leader.user, Delegation.objects.get())
    said = f"签发人：{office.unit_head.user.name}（{office.unit_leader.user.name}代签）"
    opinion = Paper.objects.get(petition=run.petition, kind="opinion")
    deputy.goto(f"{stage.address}/papers/{opinion.ref}/")
    deputy.locator(f"main.paper:has-text('{said}')").wait_for()
    stage.look(deputy, "opinion")
    keeper = stage.seat(office.security_admin, "/manage/delegations/")
    stage.look(keeper, "delegations")


def test_a_deputys_signature_ends_with_the_delegation(office: Cast, ready: Makes, stage: Stage) -> None:
    """The form stands open while the power ends: the same press is refused, and nothing is signed."""
    run, day = ready.checked(), today()
    row = lending.lend(
        office.unit_head.post, office.unit_leader.user, by=office.unit_head, valid_from=day, valid_to=day, reason="培训"
    )
    deputy = stage.seat(Actor(office.unit_leader.user, office.unit_head.post, row), f"/petitions/{run.petition.ref}/")
    open_step(deputy, "签发处理意见书")
    lending.take_back(row, by=office.unit_head, reason="提前返回")
    with deputy.expect_response(lambda answer: answer.request.method == "POST") as answered:
        deputy.click("#step [data-primary]")
    assert answered.value.status == 403
    stage.look(deputy, "refused")
    run.refresh_from_db()
    assert run.state == "checked" and not Event.objects.filter(petition=run.petition, step="sign").exists()


def test_a_village_a_category_and_who_gets_it(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.system_admin, "/manage/regions/")
    stage.look(page, "regions")
    page.click("a.matter:has-text('檀溪镇')")
    stage.look(page, "region")
    page.goto(f"{stage.address}/manage/categories/")
    stage.look(page, "categories")
    page.click("a.matter:has-text('土地征收')")
    stage.look(page, "category")
    page.goto(f"{stage.address}/manage/routing/put/")
    choose(page, "category", office.category.pk)
    choose(page, "department", office.bureau.pk)
    stage.look(page, "route")
    page.click("[data-primary]")
    page.locator("text=承办。").wait_for()
    choose(page, "category", office.category.pk)
    page.click("button:has-text('试一试')")
    page.locator("[role=status]:has-text('自然资源')").wait_for()
    stage.look(page, "routing")


def test_the_offices_own_words(office: Cast, stage: Stage) -> None:
    page = stage.seat(office.system_admin, "/manage/templates/")
    stage.look(page, "templates")
    page.click("a.matter:has-text('处理意见书')")
    page.fill("[name=text]", "【标准内容】\n如有疑问，请拨打【电话】。")
    stage.look(page, "template")
    with page.context.expect_page() as opened:
        page.click("button:has-text('看样张')")
    sample = opened.value
    sample.locator("text=请拨打0579").wait_for()
    stage.look(sample, "sample")
    page.click("[data-primary]")
    page.locator("text=以前出具的不变").wait_for()
    with page.expect_download() as taken:
        page.click("a:has-text('下载现用模板')")
    page.set_input_files("[name=file]", {"name": "坏.docx", "mimeType": "", "buffer": b"no word file"})
    page.click("button:has-text('上传并检查')")
    page.locator(".errors:has-text('另存为')").wait_for()
    stage.look(page, "template-refused")
    page.set_input_files("[name=file]", taken.value.path())
    page.click("button:has-text('上传并检查')")
    page.locator("h1:has-text('第1版')").wait_for()
    stage.look(page, "template-version")
    page.fill("[name=reason]", "县信访局〔2026〕3号")
    page.click("[data-primary]")
    page.locator("text=以前出具的文书不变").wait_for()
    stage.look(page, "template-used")
    page.goto(f"{stage.address}/manage/notices/")
    stage.look(page, "notices")
    page.click("a.matter >> nth=0")
    stage.look(page, "notice")


def test_many_colleagues_from_a_sheet_through_two_hands(office: Cast, stage: Stage) -> None:
    people = [{"name": "周水", "department": "浦江县水利局", "role": "单位签收"}]
    unit = {"name": "浦江县水利局", "short_name": "水利局", "kind": "政府部门", "paper_prefix": "浦水利"}
    file = {"name": "单位和人员.xlsx", "mimeType": "application/zip", "buffer": book([unit], people)}
    page = stage.seat(office.system_admin, "/manage/people/")
    page.click("a:has-text('从表格录入')")
    stage.look(page, "sheet")
    page.set_input_files("[name=sheet]", {**file, "buffer": book([{**unit, "paper_prefix": "浦建"}], people)})
    page.click("button:has-text('上传并检查')")
    page.locator("text=文号会重复").wait_for()
    stage.look(page, "sheet-problems")
    page.set_input_files("[name=sheet]", file)
    page.click("button:has-text('上传并检查')")
    page.locator("text=检查通过").wait_for()
    stage.look(page, "sheet-looked")
    page.click("button:has-text('全部录入')")
    page.locator("text=已录入1个单位、1人").wait_for()
    keeper = stage.seat(office.security_admin, "/manage/posts/sheet/")
    keeper.set_input_files("[name=sheet]", file)
    keeper.click("button:has-text('上传并检查')")
    keeper.locator("text=检查通过").wait_for()
    keeper.click("button:has-text('全部录入')")
    keeper.locator("h1:has-text('初始密码（1人）')").wait_for()
    stage.look(keeper, "slips")
    assert Post.objects.filter(user__name="周水", department__name="浦江县水利局").exists()
