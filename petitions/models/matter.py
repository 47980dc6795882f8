"""What is being asked, by whom, and how did it come in?  Petition, filing, claim, petitioner, party."""

from __future__ import annotations

from django.db import models

from accounts.privacy import EncryptedTextField
from petitions.querycode import new_ref


class Kind(models.TextChoices):
    """The three kinds of Art.29, 30 and 31.  Report-accusations live in the sealed family, not here."""

    SUGGESTION = "suggestion", "建议意见"
    CLAIM = "claim", "申诉求决"


class Purpose(models.TextChoices):
    """信访目的 (domain.md §6.2)."""

    SETTLE = "settle", "求决"
    APPEAL = "appeal", "申诉"
    SUGGEST = "suggest", "意见建议"
    CONSULT = "consult", "咨询"
    THANK = "thank", "感谢"
    OTHER = "other", "其他"


class Channel(models.TextChoices):
    """How a filing came in (信访形式)."""

    VISIT = "visit", "来访"
    LETTER = "letter", "来信"
    PHONE = "phone", "来电"
    ONLINE = "online", "网上（代录）"
    HANDED_DOWN = "handed_down", "上级交转"


class Outcome(models.TextChoices):
    """How the procedure ended (办结 by which road); empty while it runs."""

    OPINION = "opinion", "作出处理意见"
    CHANNELLED = "channelled", "依法导入其他程序"
    LEGAL = "legal", "转政法机关"
    REDIRECTED = "redirected", "告知引导"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    NO_FURTHER = "no_further", "不再受理"
    MERGED = "merged", "并件"
    FILED = "filed", "存"
    DIRECT_REPLY = "direct_reply", "直接回复"
    TAKEN_BACK = "taken_back", "上级收回"
    SUGGESTION = "suggestion", "建议已回复"
    DUTY = "duty", "依法履职答复"
    SETTLED = "settled", "调解和解"
    WITHDRAWN = "withdrawn", "撤回"
    MISTAKEN = "mistaken", "登记有误"


class Petition(models.Model):
    """The matter (信访事项).  ``stage`` and what follows it are derived and written only by the verbs."""

    # Foreign keys have an index where something is asked by them (here or in Meta), and none to look at and pay for.
    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    number = models.CharField("编号", max_length=24, unique=True)
    title = models.CharField("标题", max_length=120)
    content = models.TextField("反映内容")
    kind = models.CharField("类别", max_length=12, choices=Kind, default=Kind.CLAIM)
    purpose = models.CharField("目的", max_length=12, choices=Purpose, default=Purpose.SETTLE)
    category = models.ForeignKey(
        "petitions.Category", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    place = models.CharField("问题发生地", max_length=120, blank=True)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    received_on = models.DateField("收到日期")
    registered_at = models.DateTimeField("登记时间")
    joint = models.BooleanField("联名/集体", default=False)
    head_count = models.PositiveIntegerField("人数", default=1)
    hide_name = models.BooleanField("要求不向责任单位透露姓名", default=False)
    urgent = models.BooleanField("重大紧急", default=False)
    lead_name = models.CharField("信访人", max_length=60, blank=True)

    # Derived, for lists and trays.
    stage = models.CharField("阶段", max_length=16)
    due = models.DateField("到期日", null=True)
    responsible = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+", db_index=False)
    closed_on = models.DateField("办结日期", null=True)
    confirmed_on = models.DateField("审核认定日期", null=True)
    outcome = models.CharField("办结方式", max_length=16, choices=Outcome, blank=True)
    resolved = models.BooleanField("化解", null=True)
    recusals = models.PositiveSmallIntegerField("已决定的回避", default=0)  # most have none: nothing is asked then
    rateable = models.BooleanField("可评价", default=False)
    archived_on = models.DateField("归档日期", null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    related_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="related", db_index=False)

    # The key that free text and files are encrypted under, wrapped by the master key; destroying it erases them.
    # A column and not a table of its own: registration pays for every row it writes.
    wrapped_key = models.BinaryField(null=True)
    key_destroyed_at = models.DateTimeField(null=True)

    # The head of the event chain (house.md §2); `petitions.actions.record` alone moves it.
    events_count = models.PositiveIntegerField(default=0)
    chain_head = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = "信访事项"
        verbose_name_plural = "信访事项"
        indexes = [
            models.Index(fields=["-received_on", "-id"], name="petition_newest"),
            models.Index(fields=["stage", "due", "id"], name="petition_stage_due"),
            models.Index(fields=["stage", "-received_on", "-id"], name="petition_stage_newest"),
            models.Index(
                fields=["-received_on", "-id"], name="petition_open_newest", condition=models.Q(due__isnull=False)
            ),
            models.Index(fields=["responsible", "-received_on", "-id"], name="petition_responsible"),
            # The closed ones by their day, for whoever sees everything and for the unit that closed them.
            models.Index(
                fields=["-closed_on", "-id"], name="petition_closed", condition=models.Q(closed_on__isnull=False)
            ),
            models.Index(
                fields=["responsible", "-closed_on", "-id"],
                name="petition_closed_by",
                condition=models.Q(closed_on__isnull=False),
            ),
            # What is done with and still to be archived, oldest first.
            models.Index(
                fields=["closed_on", "id"],
                name="petition_to_archive",
                condition=models.Q(archived_on=None, stage__in=["confirmed", "ended"]),
            ),
            models.Index(fields=["category", "-received_on", "-id"], name="petition_category"),
            models.Index(fields=["region", "-received_on", "-id"], name="petition_region"),
            # Key matters, of which there are few among very many.
            models.Index(fields=["-received_on", "-id"], name="petition_urgent", condition=models.Q(urgent=True)),
            models.Index(fields=["-received_on", "-id"], name="petition_many", condition=models.Q(head_count__gte=30)),
            # What happened at the same written place, for suggesting repeats; most matters have none.
            models.Index(fields=["place", "-received_on", "-id"], name="petition_place", condition=~models.Q(place="")),
            # What is filed under another matter, or stands beside it: few are.
            models.Index(fields=["merged_into"], name="petition_merged", condition=models.Q(merged_into__isnull=False)),
            models.Index(fields=["related_to"], name="petition_related", condition=models.Q(related_to__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Filing(models.Model):
    """One letter, visit, call or item (信访件) about a matter; T1 or T2 hangs here."""

    ref = models.CharField(max_length=16, unique=True, default=new_ref, editable=False)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="filings")
    number = models.CharField("信访件编号", max_length=28, unique=True)
    channel = models.CharField("形式", max_length=12, choices=Channel)
    office = models.ForeignKey("accounts.Department", models.PROTECT, related_name="+", db_index=False)
    registrar = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+", db_index=False)
    received_on = models.DateField("收到日期")
    recorded_at = models.DateTimeField("登记时间")
    backdate_reason = models.CharField("补录原因", max_length=200, blank=True)
    repeat = models.BooleanField("重复", default=False)
    state = models.CharField("状态", max_length=12)
    content = models.TextField("内容", blank=True)  # a repeat's own words; the first filing's stand on the petition
    head_count = models.PositiveIntegerField("登记人数", default=1)
    actual_count = models.PositiveIntegerField("实到人数", null=True, blank=True)
    addressee = models.CharField("受信人", max_length=60, blank=True)
    postmark_on = models.DateField("邮戳日期", null=True, blank=True)
    handed_by = models.ForeignKey(
        "accounts.Department", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    handed_number = models.CharField("上级文号", max_length=60, blank=True)
    handed_due = models.DateField("上级交办期限", null=True, blank=True)
    handed_signed_on = models.DateField("上级交转签收日期", null=True)
    handed_objected_on = models.DateField("向上级提出异议日期", null=True)
    handed_answered_on = models.DateField("上级答复异议日期", null=True)
    handed_reported_on = models.DateField("向上级报告日期", null=True)
    query_code_hash = models.CharField(max_length=64, db_index=True, blank=True, default="")
    query_code_made_at = models.DateTimeField(null=True)
    query_code_reprinted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "信访件"
        verbose_name_plural = "信访件"
        indexes = [
            # A window asks for its own of the last days.
            models.Index(fields=["office", "-recorded_at"], name="filing_of_office"),
            # Only repeats carry words of their own; a search that walks the matters looks here in passing.
            models.Index(fields=["petition"], name="filing_with_words", condition=~models.Q(content="")),
        ]


class ExternalReference(models.Model):
    """Another system's number for a filing; (system, number) is never registered twice."""

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="references")
    system = models.CharField("系统", max_length=40)
    number = models.CharField("编号", max_length=80)

    class Meta:
        verbose_name = "外部编号"
        verbose_name_plural = "外部编号"
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="one_filing_each_number")]
        indexes = [models.Index(fields=["number"], name="reference_number")]


class IdKind(models.TextChoices):
    """证件 (domain.md §6.2)."""

    RESIDENT = "111", "居民身份证"
    PASSPORT = "414", "护照"
    HK_MACAO = "516", "港澳通行证"
    TAIWAN = "511", "台湾通行证"
    CREDIT_CODE = "organisation", "统一社会信用代码"
    OTHER = "other", "其他证件"
    NONE = "none", "未提供"


class Sex(models.TextChoices):
    """GB/T 2261.1; the exchange maps it to its own values."""

    MALE = "1", "男"
    FEMALE = "2", "女"
    UNKNOWN = "0", "未填"


class Petitioner(models.Model):
    """A person as recorded for one matter.  There is no register of persons across matters, on purpose."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="petitioners")
    name = models.CharField("姓名", max_length=60)
    name_initials = models.CharField("姓名首字母", max_length=30, blank=True)
    is_organisation = models.BooleanField("单位", default=False)
    sex = models.CharField("性别", max_length=1, choices=Sex, default=Sex.UNKNOWN)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_kind = models.CharField("证件类型", max_length=12, choices=IdKind, default=IdKind.NONE)
    id_number = EncryptedTextField("证件号码", blank=True, default="")
    id_hash = models.CharField(max_length=64, blank=True, default="")
    phone = EncryptedTextField("手机", blank=True, default="")
    phone_hash = models.CharField(max_length=64, blank=True, default="")
    address = EncryptedTextField("住址", blank=True, default="")

    class Meta:
        verbose_name = "信访人"
        verbose_name_plural = "信访人"
        indexes = [
            models.Index(fields=["id_hash"], name="petitioner_id", condition=~models.Q(id_hash="")),
            models.Index(fields=["phone_hash"], name="petitioner_phone", condition=~models.Q(phone_hash="")),
            # Newest first within a name, so that a common one stops after a page.
            models.Index(
                fields=["name", "-petition"], name="petitioner_name", opclasses=["varchar_pattern_ops", "int8_ops"]
            ),
            models.Index(
                fields=["name_initials", "-petition"],
                name="petitioner_initials",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartyRole(models.TextChoices):
    """How a petitioner takes part in a filing."""

    LEAD = "lead", "主访人"
    COMPANION = "companion", "随访人"
    COSIGNER = "cosigner", "联名人"
    AGENT = "agent", "代理人"


class Party(models.Model):
    """A petitioner's part in one filing; at most five are representatives of a joint visit (Art.20)."""

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="parties", db_index=False)
    petitioner = models.ForeignKey(Petitioner, models.PROTECT, related_name="parties")
    role = models.CharField("身份", max_length=10, choices=PartyRole)
    representative = models.BooleanField("代表", default=False)

    class Meta:
        verbose_name = "参与人"
        verbose_name_plural = "参与人"
        constraints = [models.UniqueConstraint(fields=["filing", "petitioner"], name="one_part_each")]


class Route(models.IntegerChoices):
    """The six roads of Art.31; a claim takes one."""

    JUSTICE = 1, "诉讼与涉法涉诉"
    ARBITRATION = 2, "仲裁"
    PARTY = 3, "党员申诉、申请复审"
    ADMINISTRATIVE = 4, "行政复议、裁决、确认、许可、处罚等"
    DUTY = 5, "申请查处违法行为、履行保护职责"
    PETITION = 6, "信访程序"


class Support(models.TextChoices):
    """What the opinion says of a claim (Art.32)."""

    SUPPORT = "support", "支持"
    PART = "part", "部分支持"
    EXPLAIN = "explain", "解释说明"
    AGAINST = "against", "不支持"


class Claim(models.Model):
    """One request (诉求).  Each takes its own route, and one paper answers them all, claim by claim."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="claims", db_index=False)
    serial = models.PositiveSmallIntegerField("序号")
    text = models.TextField("诉求")
    route = models.PositiveSmallIntegerField("办理途径", choices=Route, null=True, blank=True)
    proceeding = models.ForeignKey("petitions.Proceeding", models.PROTECT, null=True, related_name="claims")
    support = models.CharField("意见", max_length=8, choices=Support, blank=True)
    answer = models.TextField("答复", blank=True)

    class Meta:
        verbose_name = "诉求"
        verbose_name_plural = "诉求"
        ordering = ["serial"]
        constraints = [models.UniqueConstraint(fields=["petition", "serial"], name="one_claim_each_serial")]
