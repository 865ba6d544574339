"""What the program suggests next, where a profile cannot say who answers for the service."""

from programme import Programme

NAMELESS = '[organisation]\nservice = "A site"\nzone = "UTC"\nlanguages = ["en"]\n'


def test_without_a_controller_the_next_step_is_to_find_one_and_no_letter(programme: Programme) -> None:
    programme.folder.mkdir()
    profile = programme.folder / "organisation.toml"
    profile.write_text(NAMELESS, encoding="utf-8")
    programme.ok("open", "x", "--aware", "now", "--because", "the log shows it")
    for fact, value in (("what_happened@en", "A key lay open."), ("data_categories", "user.contact.email")):
        programme.ok("fact", fact, value)
    programme.ok("fact", "occurred_at", "2026-11-20T00:00Z")
    programme.ok("assess", "--decide", "high", "--because", "strangers can log in")
    screen = " ".join(programme.ok("status").out.split())
    assert "incident organisation check no letter can be written before somebody is found who answers" in screen
    assert "incident notice draft" not in screen
    profile.write_text(NAMELESS.replace("service", "name"), encoding="utf-8")
    assert "incident notice draft authority" in programme.ok("status").out


def test_a_question_that_lies_in_the_workspace_is_suggested_before_everyone(programme: Programme) -> None:
    programme.ok("open", "x")
    scopes = [step["command"] for step in programme.json("status")["next"] if "scope run" in step["command"]]
    assert scopes == ["incident scope run --everyone"]
    file = programme.folder / "question.toml"
    file.write_text("", encoding="utf-8")
    scopes = [step["command"] for step in programme.json("status")["next"] if "scope run" in step["command"]]
    assert scopes == [f"incident scope run --question {file}"]
    screen = programme.ok("status").out
    assert f"  incident scope run --question {file}  the letters need to know" in screen
    assert '  incident aware now --because "…"  when you are' in screen
