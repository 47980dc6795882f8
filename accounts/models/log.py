"""Who read what?  Rows are only ever added; a sealer later proves that none was changed or removed."""

from __future__ import annotations

from django.db import models


class AccessKind(models.TextChoices):
    """What was done that leaves no mark on a case."""

    SIGN_IN = "sign_in", "登录"
    SIGN_IN_FAILED = "sign_in_failed", "登录失败"
    SIGN_OUT = "sign_out", "退出"
    SWITCH_POST = "switch_post", "切换岗位"
    READ = "read", "查看"
    SEARCH = "search", "检索"
    LOOK_UP = "look_up", "登记时查重"
    UNMASK = "unmask", "查看隐藏信息"
    DOWNLOAD = "download", "下载附件"
    EXPORT = "export", "导出"
    PRINT = "print", "打印"
    REPRINT_CODE = "reprint_code", "重发查询码"
    PUBLIC_QUERY = "public_query", "公众查询"
    REFUSED = "refused", "被拒绝的操作"
    CHANGE_SETTING = "change_setting", "修改设置"


class AccessLog(models.Model):
    """One reading, search, unmasking, export, print or sign-in.  The app role may only INSERT and SELECT."""

    at = models.DateTimeField("时间", auto_now_add=True)
    kind = models.CharField("种类", max_length=20, choices=AccessKind)
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    # The random ref of what was read ("petition:abc…"), so that a row says nothing by itself.
    target = models.CharField("对象", max_length=60, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    data = models.JSONField("说明", default=dict)

    class Meta:
        verbose_name = "访问记录"
        verbose_name_plural = "访问记录"
        indexes = [
            models.Index(fields=["target", "at"], name="access_target", condition=~models.Q(target="")),
            models.Index(fields=["user", "at"], name="access_user"),
            models.Index(fields=["kind", "at"], name="access_kind"),
        ]


class Seal(models.Model):
    """A signed Merkle root over the rows of one minute (`accounts.seals`); each names the seal before it."""

    number = models.BigIntegerField("序号", unique=True)
    made_at = models.DateTimeField("时间")
    count = models.IntegerField("条数")
    root = models.BinaryField("默克尔根")
    previous = models.BinaryField("前一封印")
    digest = models.BinaryField("摘要")
    signature = models.BinaryField("签名")
    key_id = models.CharField("签名密钥", max_length=20)
    # By kind of row: the id up to which every row there will ever be is in this seal or an earlier one.
    settled = models.JSONField("已封至", default=dict)

    class Meta:
        verbose_name = "封印"
        verbose_name_plural = "封印"


class SealedRow(models.Model):
    """Which seal covers which row; ``kind`` names a table (`accounts.sealer.SOURCES`)."""

    id = models.BigAutoField(primary_key=True)
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="rows")
    position = models.IntegerField("位置")
    kind = models.CharField(max_length=8)
    row_id = models.BigIntegerField()
    leaf = models.BinaryField("叶")

    class Meta:
        verbose_name = "已封记录"
        verbose_name_plural = "已封记录"
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="one_leaf_each_place")]
        indexes = [models.Index(fields=["kind", "row_id"], name="sealed_row_of")]
