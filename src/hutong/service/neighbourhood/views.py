"""The pages of the neighbourhood: a space of one's own door, belonging, and places people care about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from hutong.agree.memory import LEAST_PEOPLE, LIMITS
from hutong.agree.statements import hide_reasons
from hutong.errors import HutongError
from hutong.service.council.forms import TokenForm, words_field
from hutong.service.neighbourhood import selectors, services
from hutong.service.neighbourhood.words import AGES, ITEMS, KINDS
from hutong.service.places.selectors import named, of_kind
from hutong.service.places.selectors import place as place_by_id
from hutong.service.requests.photos import picture
from hutong.service.twin.drawn import map_of
from hutong.service.twin.layers import layer_data
from hutong.service.twin.selectors import snapshot as snapshot_by_id
from hutong.service.web.access import permitted, public, signed_in
from hutong.service.web.inputs import DayInput
from hutong.service.words import error_words, later, say, spoken

STORIES_A_PAGE = 60


class PostForm(TokenForm):
    """A word to the neighbours."""

    kind = forms.ChoiceField(label=later("这是", "This is"), widget=forms.RadioSelect, initial="notice")
    words = words_field("写给邻居", "To the neighbours", 300, rows=3)
    day = forms.DateField(label=later("哪天（活动）", "Which day (events)"), required=False, widget=DayInput())  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = {
            "notice": say("通知", "a notice"), "help": say("想请邻居搭把手", "I need a hand"),
            "event": say("活动", "an event"),
        }  # fmt: skip
        self.fields["kind"].choices = [(k, told[k]) for k in KINDS]  # type: ignore[attr-defined]


class BelongingForm(forms.Form):
    """The survey of a year."""

    age = forms.ChoiceField(label=later("您的年龄", "Your age"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["age"].choices = [(a, spoken(t)) for a, t in AGES.items()]  # type: ignore[attr-defined]
        scale = [
            ("1", say("完全不是", "not at all")), ("2", say("不太是", "rather not")), ("3", say("一般", "in between")),
            ("4", say("比较是", "rather")), ("5", say("完全是", "wholly")),
        ]  # fmt: skip
        for item, title in ITEMS.items():
            self.fields[item] = forms.ChoiceField(label=spoken(title), choices=scale, widget=forms.RadioSelect)  # fmt: skip


class MemoryForm(TokenForm):
    """A story, perhaps with a picture, of a place or of a spot on the map."""

    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    words = words_field("这里对您意味着什么？", "What does this place mean to you?", 500, rows=5)
    photo = forms.FileField(
        label=later("照片", "Photo"), required=False, help_text=later("照片里的位置等信息会删去。", "Where and with what it was taken is removed."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip


def _space(pk: int) -> Any:
    return selectors.space(pk)


def _reasons() -> list[tuple[str, str]]:
    return [(code, spoken(words)) for code, words in hide_reasons().items()]


@public
def neighbourhood(request: HttpRequest) -> HttpResponse:
    """Show one's doors, and the way to belonging and memories."""
    rows = selectors.spaces_for(request.user) if request.user.is_authenticated else []
    return render(request, "neighbourhood/neighbourhood.html", {"rows": rows})


@require_POST
@signed_in
def open_space(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the space of one's own door."""
    place, stair = place_by_id(pk), request.POST.get("stair", "")
    if (place.path, stair) not in selectors.doors(request.user):
        raise PermissionDenied
    return redirect("neighbourhood_space", services.open_space(place, stair).pk)


@permitted("neighbourhood.enter", load=_space)
def space(request: HttpRequest, found: Any) -> HttpResponse:
    """Show what neighbours wrote, and take a word to them."""
    form = PostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.write(found, request.user, given["kind"], given["words"], given["day"], given["token"])
        except HutongError as caught:
            form.add_error("words", error_words(caught))
        else:
            return redirect("neighbourhood_space", found.pk)
    rows = selectors.told_to(request.user, found)[:100]
    context = {
        "space": found,
        "rows": rows,
        "form": form,
        "reasons": _reasons(),
        "today": timezone.localdate(),
    }
    return render(request, "neighbourhood/space.html", context, status=400 if form.errors else 200)


@permitted("neighbourhood.enter", load=_space)
def printed(request: HttpRequest, found: Any) -> HttpResponse:
    """Give the printed twin for the notice board: no names, and the way back to the page."""
    address = request.build_absolute_uri(reverse("neighbourhood_space", args=[found.pk]))
    context = {
        "space": found,
        "rows": selectors.printed(found),
        "day": timezone.localdate(),
        "address": address,
    }
    return render(request, "neighbourhood/print.html", context)


@require_POST
@permitted("neighbourhood.enter", load=lambda pk: selectors.post(pk))
def hand(request: HttpRequest, found: Any) -> HttpResponse:
    """Lend a hand, or say that one comes to an event or no longer does."""
    if found.kind == "event":
        services.come(found, request.user, request.POST.get("come") != "no")
    else:
        services.lend_hand(found, request.user)
        messages.success(request, say("谢谢！邻居会看到您的名字。", "Thank you! The neighbour sees your name."), extra_tags="good")  # fmt: skip
    return redirect("neighbourhood_space", found.space_id)


@require_POST
@permitted("neighbourhood.enter", load=lambda pk: selectors.post(pk))
def settle(request: HttpRequest, found: Any) -> HttpResponse:
    """Say that one's own matter is settled."""
    if found.owner_id != request.user.pk:
        raise PermissionDenied
    services.settle(found)
    return redirect("neighbourhood_space", found.space_id)


@require_POST
@permitted("neighbourhood.hide", load=lambda pk: selectors.post(pk))
def hide_post(request: HttpRequest, found: Any) -> HttpResponse:
    """Hide a post with a reason."""
    services.hide(found, request.POST.get("reason", ""))
    return redirect("neighbourhood_space", found.space_id)


@public
def belonging(request: HttpRequest) -> HttpResponse:
    """Show how people belong, by year, age and tenure, small groups put together."""
    quarters = []
    for quarter in of_kind("quarter"):
        told = [{"year": y, **selectors.belonging(quarter, y)} for y in selectors.years(quarter)]
        if told:
            quarters.append({"quarter": quarter, "years": told, "last": told[-1]})
    may = request.user.is_authenticated and request.user.has_perm("neighbourhood.answer")
    return render(request, "neighbourhood/belonging.html", {"quarters": quarters, "items": list(ITEMS.values()), "may": may})  # fmt: skip


@permitted("neighbourhood.answer")
def answer(request: HttpRequest) -> HttpResponse:
    """Ask the survey of the year."""
    quarter = selectors.quarter_of(request.user)
    if quarter is None:
        raise Http404
    form = BelongingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answers = {item: int(given[item]) for item in ITEMS}
        try:
            services.answer(quarter, request.user, timezone.localdate().year, given["age"], answers)
        except HutongError as caught:
            form.add_error(None, error_words(caught))
        else:
            messages.success(request, say("谢谢您！", "Thank you!"), extra_tags="good")
            return redirect("belonging")
    return render(request, "neighbourhood/answer.html", {"form": form, "quarter": quarter}, status=400 if form.errors else 200)  # fmt: skip


@public
def memories(request: HttpRequest) -> HttpResponse:
    """Show the stories, and the places that people care about."""
    warm = [{"quarter": q, "rows": rows} for q in of_kind("quarter") if (rows := selectors.cared_for(q))]
    maps, snapshot = selectors.mapped(request.user, request.GET.get("quarter", ""))
    asked = snapshot.place if snapshot and request.GET.get("quarter") else None
    page = Paginator(selectors.shown_memories(asked), STORIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "maps": maps,
        "snapshot": snapshot,
        "setup": _setup(snapshot, page.object_list) if snapshot else None,
        "warm": warm,
        "limits": LIMITS,
        "fewest": LEAST_PEOPLE,
    }
    return render(request, "neighbourhood/memories.html", context)


def _setup(snapshot: Any, stories: Any) -> dict[str, Any]:
    """Return what the script draws: the twin's map with its layer of stories, and where each of them lies."""
    path, told = snapshot.place.path, selectors.told_at(snapshot).exists()
    return {
        **map_of(snapshot),
        "layer": reverse("memory_layer", args=[snapshot.pk]) if told else None,
        "stories": [
            {"id": m.pk, "title": spoken(m.called), "lon": m.spot[0], "lat": m.spot[1]}
            for m in stories
            if m.at_place.path.startswith(path) and m.spot[0] is not None
        ],
    }


@permitted("twin.see", load=snapshot_by_id)
def spot(request: HttpRequest, found: Any) -> HttpResponse:
    """Ask which spot of a quarter's map it is."""
    return render(request, "neighbourhood/spot.html", {"quarter": found.place, "setup": _setup(found, [])})


@signed_in
def where(request: HttpRequest) -> HttpResponse:
    """Ask which place it is."""
    words = request.GET.get("q", "")[:60]
    maps, _shown = selectors.mapped(request.user, "")
    context = {"q": words, "found": named(words) if words else [], "maps": maps}
    return render(request, "neighbourhood/where.html", context)


@signed_in
def remember(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a memory of a place, or of a spot on the map of a quarter."""
    place = place_by_id(pk)
    pointed = {k: request.GET[k] for k in ("lon", "lat") if k in request.GET}
    form = MemoryForm(request.POST or None, request.FILES or None, initial=pointed)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            taken = picture(given["photo"]) if given["photo"] else None
            at = None if None in (given["lon"], given["lat"]) else (given["lon"], given["lat"])
            services.remember(place, request.user, given["words"], taken, given["token"], at)
        except HutongError as caught:
            field = "photo" if caught.code == "bad-photo" else "words"
            form.add_error(field, error_words(caught))
        else:
            messages.success(request, say("谢谢！看过之后会公开。", "Thank you! It is shown once it was read."), extra_tags="good")  # fmt: skip
            return redirect("memories")
    return render(request, "neighbourhood/remember.html", {"form": form, "place": place}, status=400 if form.errors else 200)  # fmt: skip


@permitted("neighbourhood.read_memories")
def read(request: HttpRequest) -> HttpResponse:
    """List the memories that wait to be read."""
    return render(request, "neighbourhood/read.html", {"rows": selectors.waiting_memories(request.user), "reasons": _reasons()})  # fmt: skip


@require_POST
@permitted("neighbourhood.read_memories", load=lambda pk: selectors.memory(pk))
def decide(request: HttpRequest, found: Any) -> HttpResponse:
    """Show a memory, or hide it with a reason."""
    if request.POST.get("action") == "show":
        services.show(found)
    else:
        services.hide(found, request.POST.get("reason", ""))
    return redirect("memories_read")


@permitted("neighbourhood.see_memory", load=lambda pk: selectors.memory(pk))
def photo(_request: HttpRequest, found: Any) -> FileResponse:
    """Give the picture of a memory."""
    path = settings.ENVIRONMENT.data / "photos" / found.photo
    if not found.photo or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})  # fmt: skip


@permitted("neighbourhood.appraise")
def appraise(request: HttpRequest) -> HttpResponse:
    """Show buildings that people are attached to and nothing protects: hints for an appraisal."""
    return render(request, "neighbourhood/appraise.html", {"quarters": selectors.appraisal(request.user), "limits": LIMITS})  # fmt: skip


@permitted("twin.see", load=snapshot_by_id)
def layer(request: HttpRequest, found: Any) -> JsonResponse:
    """Send how many stories are told of each building, to colour the map."""
    return JsonResponse(layer_data(selectors.story_layer(found)), json_dumps_params={"ensure_ascii": False})
