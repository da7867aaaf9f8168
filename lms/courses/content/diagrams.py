"""The diagrams that lessons may show: their titles, what they tell, and the periods in them with their articles.

A template names a period or an article, never a number of days: a changed rule is changed here, once. Documents known
by excerpt only (专户办法, 保证金规定) give no more than what was verified of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagram:
    """A diagram: its title, and what it shows in words, for those who do not see it."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time in a diagram, as it is written there, and the article that sets it."""

    text: str
    law: str
    article: str


DIAGRAMS = {
    "wage-account-flow": Diagram(
        "工资专户的钱怎么走到工人手里",
        "两条路在总包汇合。钱：建设单位把人工费用足额拨进工资专户。表：分包单位按月编工资支付表，工人本人签字，总包的劳资专管员"
        "审核。然后总包通过专户代发，银行把工资直接付到工人本人的卡上，总包把代发凭证交给分包。银行发现没有按约定拨付，"
        "通知总包，总包报告人社部门和行业主管部门。",
    ),
    "account-timeline": Diagram(
        "工资专户从开到销",
        "从签施工合同开始：合同写明人工费用怎么算、怎么拨；签合同起30日内开户并签三方协议；开户后30日内备案；施工期间按月拨付、"
        "按月代发；完工且没有拖欠的，公示30日后可以申请注销；资料保存到完工且工资结清后至少3年。",
    ),
    "deposit-timeline": Diagram(
        "工资保证金从存到还",
        "从取得施工许可证或批准开工报告开始：20个工作日内存储或交保函；保函到期前1个月换新或延期；被动用后10个工作日内补足；"
        "完工后书面承诺没有未解决的欠薪，公示30日，再申请返还，5个工作日审核，3个工作日出确认书。",
    ),
    "dispute-path": Diagram(
        "欠薪争议走哪条路",
        "一条路是协商、调解、仲裁、诉讼：协商和调解不是必经的，调解15日没有结果可以申请仲裁；申请仲裁的时效是1年；仲裁受理后45日"
        "内裁决，最多再延15日；不服裁决的，收到裁决书15日内起诉。另一条路是向人社部门投诉，由劳动保障监察处理。",
    ),
    "monthly-signatures": Diagram(
        "一个月里谁签什么",
        "每天班组长点名、工人本人考勤；月末分包单位编工资支付表，工人本人签字；劳资专管员审核签字，项目经理批准；发薪日银行从"
        "专户付到工人本人的卡上并出回单；发薪后总包把代发凭证交给分包，工人拿到工资清单。",
    ),
}

PERIODS = {
    "labour_cost": Period("1个月", "wage-regulation", "24"),
    "wage_ledger": Period("3年", "wage-regulation", "15"),
    "account_opening": Period("30日", "wage-account-measures", "开立"),
    "account_filing": Period("30日", "wage-account-measures", "备案"),
    "account_notice": Period("30日", "wage-regulation", "27"),
    "account_papers": Period("3年", "wage-account-measures", "资料保存"),
    "deposit_placing": Period("20个工作日", "wage-deposit-rules", "8"),
    "guarantee_shortest": Period("1年", "wage-deposit-rules", "17"),
    "guarantee_renewal": Period("1个月", "wage-deposit-rules", "17"),
    "deposit_paying": Period("5个工作日", "wage-deposit-rules", "使用"),
    "deposit_refilling": Period("10个工作日", "wage-deposit-rules", "使用"),
    "refund_notice": Period("30日", "wage-deposit-rules", "22"),
    "refund_check": Period("5个工作日", "wage-deposit-rules", "22"),
    "refund_letter": Period("3个工作日", "wage-deposit-rules", "22"),
    "mediation": Period("15日", "dispute-law", "14"),
    "arbitration_claim": Period("1年", "dispute-law", "27"),
    "arbitration_accepting": Period("5日", "dispute-law", "29"),
    "arbitration_award": Period("45日", "dispute-law", "43"),
    "arbitration_longer": Period("15日", "dispute-law", "43"),
    "small_claim": Period("12个月", "dispute-law", "47"),
    "suing_small": Period("15日", "dispute-law", "48"),
    "annulment": Period("30日", "dispute-law", "49"),
    "suing": Period("15日", "dispute-law", "50"),
    "inspection": Period("60个工作日", "inspection-regulation", "17"),
    "inspection_longer": Period("30个工作日", "inspection-regulation", "17"),
    "inspection_limit": Period("2年", "inspection-regulation", "20"),
}

# what a law is called in a diagram, where there is no room for its title; the register says the same
SHORT_TITLES = {
    "wage-regulation": "条例",
    "wage-account-measures": "专户办法",
    "wage-deposit-rules": "保证金规定",
    "dispute-law": "调解仲裁法",
    "inspection-regulation": "监察条例",
    "enterprise-mediation-rules": "协商调解规定",
}
EXCERPTS = frozenset(("wage-account-measures", "wage-deposit-rules"))
