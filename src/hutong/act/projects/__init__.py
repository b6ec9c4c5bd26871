"""Projects 项目: a procedure of the rules as a project goes through it, with its papers, clocks, works and duties.

In: what was done and when, papers held, reports of progress. Out: where the project stands and in which list of the
library, what the next gate still asks for and by which text, schedule and budget against what happened, what is owed
to the public and by when, what a change re-opens; permits, defects and change orders by their own tables.
"""

from hutong.act.projects.changes import ChangeKind, begin_change, change_kinds, reopened
from hutong.act.projects.disclosure import STANDINGS, Owed, disclosures, owed
from hutong.act.projects.gates import Gate, Paper, paper_titles, personal_papers, project_types
from hutong.act.projects.machines import change_machine, defect_machine, given, permit_machine
from hutong.act.projects.progress import Progress, Report, Task, progress
from hutong.act.projects.project import LIBRARY, Course, advance, begin_project, course, gate, outlines
from hutong.act.projects.project_file import ProjectFile, read_project
from hutong.act.projects.review import VERDICTS, Opinion, Review, begin_review

__all__ = [
    "LIBRARY",
    "STANDINGS",
    "VERDICTS",
    "ChangeKind",
    "Course",
    "Gate",
    "Opinion",
    "Owed",
    "Paper",
    "Progress",
    "ProjectFile",
    "Report",
    "Review",
    "Task",
    "advance",
    "begin_change",
    "begin_project",
    "begin_review",
    "change_kinds",
    "change_machine",
    "course",
    "defect_machine",
    "disclosures",
    "gate",
    "given",
    "outlines",
    "owed",
    "paper_titles",
    "permit_machine",
    "personal_papers",
    "progress",
    "project_types",
    "read_project",
    "reopened",
]
