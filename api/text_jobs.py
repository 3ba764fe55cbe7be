"""What stands on the pages of jobs, in Chinese and English."""

from __future__ import annotations

JOB_PHRASES: dict[str, tuple[str, str]] = {
    "jobs": ("作业", "Jobs"),
    "jobs_lead": (
        "在本服务器上提过的搜索，最近的在前；最多列 {n} 个。结果随运行保存，同一问题不重复计算。",
        "Searches asked of this server, the latest first, {n} at most. A question that was answered for a run is not worked "
        "out twice.",
    ),
    "jobs_none": (
        "尚未提过问题。可在“选址”“达标路径”等页提问。",
        "Nothing has been asked yet; ask on the page of sites or of the way.",
    ),
    "jobs_all": ("全部作业", "All jobs"),
    "job_column": ("作业", "Job"),
    "job_kind": ("内容", "Kind"),
    "job_state": ("状态", "State"),
    "job_question": ("问题", "Question"),
    "job_made": ("提出时间", "Asked"),
    "job_time": ("用时", "Time"),
    "job_result": ("结果", "Answer"),
    "job_open": ("查看结果", "Open"),
    "job_worked": ("已用 {n} 秒", "{n} s"),
    "job_worked_of": ("已用 {n} 秒，搜索限时 {limit} 秒", "{n} s, of {limit} s for the search"),
    "job_way": ("达标路径", "Way to the target"),
    "yes": ("是", "yes"),
    "job_clusters": ("划分连片", "Clusters over other land"),
    "job_scenario": ("保存情景方案", "Keeping a scenario"),
    "job_sites": ("选址搜索", "Search for sites"),
    "job_number": ("作业 {n}", "job {n}"),
    "job_waiting": ("排队中", "Waiting for its turn"),
    "job_running": ("计算中", "Working"),
    "job_done": ("已完成", "Done"),
    "job_failed": ("未能完成", "It failed"),
    "job_cancelled": ("已取消", "Cancelled"),
    "job_lost": ("已中断（服务器停机或进程被终止）", "Lost: the server went down, or its process was ended"),
    "job_cancel": ("取消", "Cancel"),
    "job_ask_anew": ("重新提问", "Ask anew"),
}
