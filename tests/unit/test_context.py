"""What of a request's context a message carries."""

from minicloud.context import RequestContext


def test_the_class_of_a_project_travels_with_a_message() -> None:
    context = RequestContext(user_id="u", project_id="p", quota_class="gold", overwrite=False)

    carried = RequestContext.from_message(context.to_dict())

    assert (carried.user_id, carried.project_id, carried.quota_class) == ("u", "p", "gold")


def test_who_has_no_class_has_none_after_a_message_either() -> None:
    sent = RequestContext(user_id="u", project_id="p", overwrite=False).to_dict()
    of_an_older_release = {name: value for name, value in sent.items() if name != "quota_class"}

    assert RequestContext.from_message(sent).quota_class is None
    assert RequestContext.from_message(of_an_older_release).quota_class is None
