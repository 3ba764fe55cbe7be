"""What pages and answers say where something cannot be done, in Chinese and English."""

from __future__ import annotations

ERROR_PHRASES: dict[str, tuple[str, str]] = {
    "error_400": ("请求有误", "This cannot be asked"),
    "error_401": ("需要登录", "Please sign in"),
    "error_404": ("没有找到", "Not found"),
    "error_405": ("不支持这种请求", "This cannot be done here"),
    "error_409": ("未能完成", "This could not be done"),
    "error_422": ("参数有误", "A value is wrong"),
    "error_500": ("服务器出错", "Something went wrong here"),
    "error_503": ("暂时不可用", "Not available at present"),
    "unexpected": (
        "出现了意外错误，详情已写入服务器日志。",
        "An unexpected error occurred; the details are in the server's log.",
    ),
    "nothing_published": ("尚未发布任何运行结果。", "Nothing has been published yet."),
    "nothing_published_hint": (
        "请管理员在服务器上导入地块（shuangbei import 文件 --kind parcels）并发布（shuangbei publish），"
        "或以 shuangbei demo 载入演示数据，然后刷新本页。",
        "On the server, import parcels (`shuangbei import FILE --kind parcels`) and publish (`shuangbei publish`), or load the "
        "demonstration data with `shuangbei demo`; then load this page again.",
    ),
    "sign_in_first": ("本站不开放匿名浏览。", "This server is not open to readers who have not signed in."),
    "sign_in_hint": (
        "请联系管理员开通，或将 SHUANGBEI_ANONYMOUS_READ 设为 yes。",
        "Ask the administrator, or set SHUANGBEI_ANONYMOUS_READ to yes.",
    ),
    "error_403": ("不允许这样操作", "This is not allowed"),
    "error_429": ("请稍后再试", "Too much at once"),
    "no_value": ("所给的数值或文字无法使用。", "A number or a text that was given cannot be used."),
    "no_value_hint": (
        "数值过大，或含有不可见字符：请核对后重试。",
        "A number is too large, or a text holds characters that cannot be seen.",
    ),
    "no_page": ("没有这个页面。", "There is no such page."),
    "no_land": (
        "本次运行没有地块，因此各表均为空："
        "请管理员导入地块（shuangbei import 文件 --kind parcels）后重新发布（shuangbei publish）。",
        "This run holds no parcel, so every list is empty: import parcels on the server (`shuangbei import FILE --kind "
        "parcels`) and publish again (`shuangbei publish`).",
    ),
    "no_address": ("没有这个接口。", "There is nothing at this address."),
    "no_address_hint": ("全部接口及参数见 /docs。", "See /docs for all addresses and their parameters."),
    "no_page_hint": (
        "全部接口见 /docs，页面见上方导航。",
        "See /docs for what can be asked for, or go on from the pages at the top.",
    ),
    "no_method": ("这个地址不支持这种请求。", "This address does not take such a request."),
    "database_gone": ("数据库没有响应。", "The database does not answer."),
    "database_gone_hint": (
        "请稍后重试；仍不行时请管理员运行 shuangbei doctor 查明原因。",
        "Try again in a moment; if it stays so, `shuangbei doctor` on the server says what is wrong.",
    ),
}
