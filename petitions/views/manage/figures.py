"""By which reading is an indicator reckoned here?  Where the field has two, the system administrator chooses, with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.errors import BadInput
from petitions.figures import choices
from petitions.forms.manage.figures import ChoiceForm
from petitions.views.answers import actor_of
from petitions.views.links import link
from petitions.views.manage import kit


@require_http_methods(["GET", "POST"])
@kit.room("figures")
def formulas(request: HttpRequest) -> HttpResponse:
    """The indicators with two readings, and which is in use."""
    form = ChoiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = choices.choose(form.said(), by=actor_of(request), reason=form.cleaned_data["reason"])
        except BadInput as refused:
            kit.put_on(form, refused)
        else:
            messages.success(
                request, f"已改{changed}个指标的算法；已经存下的月末数字不变。" if changed else "没有改动。"
            )
            return HttpResponseRedirect(link("manage_figures"))
    context = {"form": form, "history": kit.history(choices.TARGET), "about": link("figure_about")}
    status = 422 if form.is_bound else 200
    return render(request, "manage/figures.html", {**kit.frame("figures"), **context}, status=status)
