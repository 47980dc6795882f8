"""How is a surname read where a dictionary of words reads it otherwise?  A table, written down once."""

from __future__ import annotations

# One reading each, the commonest as a surname (覃 is also tán in the north-west, 牟 also móu).
_SINGLE = """
    曾:zeng 单:shan 解:xie 仇:qiu 盖:ge 区:ou 查:zha 尉:wei 朴:piao 任:ren 缪:miao 覃:qin 冼:xian 逄:pang 乐:yue 秘:bi 折:she
    黑:he 盛:sheng 翟:zhai 宿:su 员:yun 贠:yun 召:shao 祭:zhai 繁:po 燕:yan 宁:ning 过:guo 纪:ji 葛:ge 晟:cheng 钭:tou 么:yao
    佴:nai 郇:xun 隗:wei 哈:ha 牟:mu 芮:rui 撒:sa 卜:bu 种:chong 重:chong 郗:xi 阚:kan 谌:chen 幺:yao 句:gou 勾:gou 车:che
    呙:guo 乜:nie 亓:qi 禚:zhuo 眭:sui 仝:tong 褚:chu 那:na 能:nai 臧:zang 藏:zang 瞿:qu 阙:que 於:yu 应:ying 訾:zi 柏:bai
    洗:xian 长:chang 吕:lv 晁:chao 逯:lu 麴:qu 粘:nian 费:fei 万:wan 娄:lou 嫪:lao 妫:gui 妘:yun 昝:zan 桓:huan 璩:qu 缑:gou
    蒯:kuai 蔺:lin 郏:jia 郜:gao 酆:feng 阎:yan 鞠:ju 殳:shu 戢:ji 恽:yun 褟:ta 颉:xie 薄:bo 贲:ben 宓:mi 郄:qie 郤:xi 厍:she
    逢:pang 丌:qi 兀:wu 仉:zhang 仡:ge 笪:da 揭:jie 苫:shan 揣:chuai
"""

# Two-character surnames: some with readings of their own, all so that the surname is known as one.
_DOUBLE = """
    万俟:mo,qi 尉迟:yu,chi 长孙:zhang,sun 单于:chan,yu 澹台:tan,tai 令狐:ling,hu 鲜于:xian,yu 濮阳:pu,yang 夏侯:xia,hou
    皇甫:huang,fu 呼延:hu,yan 宇文:yu,wen 欧阳:ou,yang 司马:si,ma 上官:shang,guan 诸葛:zhu,ge 东方:dong,fang 公孙:gong,sun
    慕容:mu,rong 司徒:si,tu 司空:si,kong 轩辕:xuan,yuan 端木:duan,mu 百里:bai,li 独孤:du,gu 南宫:nan,gong 拓跋:tuo,ba
    赫连:he,lian 闻人:wen,ren 申屠:shen,tu 公冶:gong,ye 宗政:zong,zheng 淳于:chun,yu 太叔:tai,shu 仲孙:zhong,sun 钟离:zhong,li
    西门:xi,men 东郭:dong,guo 公羊:gong,yang 乐正:yue,zheng 亓官:qi,guan 司寇:si,kou 子车:zi,ju 颛孙:zhuan,sun 巫马:wu,ma
    漆雕:qi,diao 壤驷:rang,si 谷梁:gu,liang 宰父:zai,fu 夹谷:jia,gu 段干:duan,gan 梁丘:liang,qiu 左丘:zuo,qiu 第五:di,wu
"""

_WORDS = [*_SINGLE.split(), *_DOUBLE.split()]

# Surname → its syllables.
READINGS: dict[str, tuple[str, ...]] = {
    surname: tuple(reading.split(",")) for surname, _, reading in (word.partition(":") for word in _WORDS)
}

DOUBLE_SURNAMES = frozenset(surname for surname in READINGS if len(surname) == 2)

# The surnames that nearly everybody bears: enough to tell a name from a word.
COMMON = frozenset(  # each character is one surname
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严"
    "牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席"
    "卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来苟全褚廉简娄盖符"
    "奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠"
    "僧桑荆谌银扬明沙伏岑习胥和蔺朴楼缪仝亓"
)
