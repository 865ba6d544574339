"""
What goes with the letter to the authority: the approved text for the people, as a PDF, sealed beside the letter (IO).

Nothing is listed that is not attached, and nothing is attached that nobody approved.
"""

from __future__ import annotations

from incident.record.timeline import Incident
from incident.workspace import Workspace
from notices import seal
from notices.checking import differences_at_sending
from notices.kinds import Kind
from notices.letters import Letter, versions_of


def attachable(workspace: Workspace, incident: Incident, kind: Kind) -> list[Letter]:
    """
    The letters whose text goes with a letter of `kind`: of each to people, the newest that is approved or sent.

    One whose files are no longer those of its seal is left out, and so is an approved one that has gone stale, or that
    the record refutes.
    """
    if not kind.encloses_letters:
        return []
    found = []
    for versions in versions_of(incident).values():
        letter = next((each for each in reversed(versions) if each.is_to_people and each.approval), None)
        if letter is not None and not _differences(workspace, incident, letter):
            found.append(letter)
    return found


def files_of(workspace: Workspace, incident: Incident, letters: list[Letter]) -> dict[str, bytes]:
    """The PDF of each of `letters`, by the name it has in the folder of the letter that it goes with."""
    folder = workspace.incident_folder(incident.id)
    return {
        f"{seal.ATTACHMENT}{each.id}-v{each.version}.pdf": seal.read_print(folder / each.folder, "letter.pdf")
        for each in letters
    }


def _differences(workspace: Workspace, incident: Incident, letter: Letter) -> list[str]:
    if letter.state == "sent":  # it is what the people read, whatever has become known since
        folder = workspace.incident_folder(incident.id) / letter.folder
        return [each.words for each in seal.changed_files(folder, letter.digest)]
    return differences_at_sending(workspace, incident, letter)
