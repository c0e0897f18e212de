"""The names of columns and categories in a table, as shops write them in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from domain.goods import Category
from domain.reading.width import to_plain_width

COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "ref": ("编号", "商品编号", "宝贝编号", "商品编码", "货号", "订单号", "订单编号"),
    "shop": ("店铺", "店铺名称", "店名", "商家"),
    "title": ("标题", "中文标题", "名称", "商品名称", "宝贝名称", "商品标题", "宝贝标题"),
    "title_en": ("英文标题", "英文名称"),
    "category": ("类目", "分类", "类别", "商品类目", "商品分类"),
    "original_price": ("原价",),
    "expected_price": ("期望价", "期望价格", "团购价", "团价"),
    "stock": ("库存", "库存数量"),
    "lead_days": ("备货天数", "备货时间", "备货期"),
    "url": ("链接", "网址", "商品链接", "宝贝链接", "店铺链接"),
    "picture": ("图片", "主图", "商品图片", "宝贝图片"),
    "description": ("描述", "中文描述", "商品描述", "宝贝描述", "说明", "详情"),
    "description_en": ("英文描述", "英文说明"),
    "telegram_id": ("会员", "会员号", "会员id", "聊天号", "telegram号"),
    "amount": ("金额", "消费金额", "实付金额", "实付款"),
    "refund_of": ("原订单号", "原订单编号", "退款订单号", "关联订单号"),
    "spent_on": ("日期", "消费日期", "付款日期", "下单日期", "付款时间", "下单时间"),
}
"""Other names of each column. The first one is written in the Chinese template."""

CATEGORY_NAMES: Mapping[Category, tuple[str, ...]] = {
    Category.APPAREL: ("服装", "服饰", "女装", "男装"),
    Category.FASHION: ("时尚配饰", "时尚", "饰品", "配饰"),
    Category.SHOES_BAGS: ("鞋包", "鞋靴箱包", "箱包", "shoes & bags", "shoes and bags"),
    Category.APPLIANCES: ("家电", "电器", "家用电器"),
    Category.FOOD: ("食品", "美食", "生鲜"),
    Category.MOTHER_BABY: ("母婴", "母婴用品", "mother & baby", "mother and baby"),
    Category.HOME: ("家居", "家居用品"),
    Category.OTHER: ("其他", "其它"),
}
"""Other names of the categories (R3). The first one is the one that is shown."""

_UNIT = re.compile(r"\((?:元|件|天|yuan|rmb|cny|¥|days|pieces)\)$")


def _key(text: str) -> str:
    plain = to_plain_width(text).strip().strip("*").casefold()
    return re.sub(r"[\s\-]+", "_", _UNIT.sub("", plain).strip())


_COLUMNS = {_key(other): name for name, others in COLUMN_NAMES.items() for other in (name, *others)}
_CATEGORIES = {
    _key(other): category for category, others in CATEGORY_NAMES.items() for other in (category.value, *others)
}


def column_of(heading: str) -> str:
    """The column that a heading names (`Original price`, `原价（元）`), or the heading itself in small characters."""
    key = _key(heading)
    return _COLUMNS.get(key, key)


def category_of(name: str) -> Category | None:
    """The category of this name, in Chinese or English; None for an unknown one."""
    return _CATEGORIES.get(_key(name))


def known_columns(headings: Iterable[str]) -> int:
    """How many of these headings name a column."""
    return sum(column_of(heading) in COLUMN_NAMES for heading in headings)
