"""Two small working forms for tests: a table that computes, and a text with blanks."""

TABLE = """
slug = "wage-sheet"
item = "2.4"
title = "农民工工资支付表"
shape = "table"
purpose = "分包每月编制，本人签字。"
as_of = 2026-11-20
reviewed = { on = 2026-11-20, outcome = "passed", note = "已对照原文" }
sources = [ { law = "wage-regulation", article = "26" }, { law = "wage-regulation", article = "28" } ]
fields = [
  { title = "项目名称", filled = "江夏某安置房二期" },
  { title = "所属月份", filled = "2026年7月" },
  { title = "单位", filled = "某劳务公司" },
]
notes = ["出勤天数按考勤表。"]
signatures = ["班组长", "劳资专管员"]

[[column]]
key = "name"
title = "姓名"
kind = "text"
width = 10
[[column]]
key = "days"
title = "出勤（天）"
kind = "number"
width = 8
total = true
[[column]]
key = "rate"
title = "日工资（元）"
kind = "money"
width = 10
[[column]]
key = "due"
title = "应发（元）"
kind = "money"
width = 12
formula = "days * rate + extra"
total = true
[[column]]
key = "extra"
title = "加班（元）"
kind = "money"
width = 10
[[column]]
key = "hour"
title = "小时工资（元）"
kind = "money"
width = 10
formula = "due / days / 8"
[[column]]
key = "method"
title = "支付方式"
kind = "choice"
width = 10
choices = ["银行代发", "现金"]
[[column]]
key = "paid"
title = "到账日"
kind = "date"
width = 11

[[row]]
name = "陶某"
days = 22
rate = 336.25
extra = 120
method = "银行代发"
paid = 2026-08-15
[[row]]
name = "=1+1"
days = 21.5
rate = 301
method = "现金"
"""

DOCUMENT = """
slug = "notice"
item = "2.4"
title = "专户注销公示"
shape = "document"
purpose = "完工后公示30日。"
as_of = 2026-11-20
reviewed = { on = 2026-11-20, outcome = "passed", note = "已对照原文" }
sources = [ { law = "wage-regulation", article = "26" } ]
signatures = ["总包（盖章）"]

[[section]]
title = "一、公示内容"
blank = "我单位____项目于____完工。"
filled = "我单位安置房二期项目于2026年9月1日完工。\\n公示30日。"
"""
