"""What the app's page looks like, and what its browser does without Python. Used by bear_app.

The page may be light or dark, and of any template: text has the page's own colour, and whatever has
a colour of its own has its own ground or two edges.
"""

from IPython.display import HTML as PageScript

from lessonlib.explorers import handles
from lessonlib.show.markup import style

LOOK = 4  # seconds between two looks whether the page's kernel is there
MAX_BYTES = 8_000_000  # of an uploaded file; JupyterLab's server hangs up on 10 MiB
STYLE = style("bear_app")
GONE = (
    "The Python behind this page has ended, so the page no longer answers. Reload it. If it does "
    "not open then, the app has ended: start it again in the terminal."
)
# What Python cannot do in the page: leave the number of files out of the button's text, of a file
# that is refused anyway send no more than its size, and say that Python is gone. JupyterLab's other
# files stay as they are, and it says itself that a kernel is gone: only Voilà's page names its
# kernel.
SCRIPT = f"""{handles.SCRIPT}
<script>
(() => {{
  const count = () => document.querySelectorAll(".bear-app .widget-upload").forEach(
    ({{lastChild: text}}) => {{ text.data = text.data.replace(/ [(]\\d+[)]$/, ""); }});
  new MutationObserver(count).observe(document.body, {{childList: true, subtree: true}});
  let ours = false;
  document.addEventListener("click", (event) => {{
    ours = event.target.closest(".bear-app") !== null;
  }}, true);
  const read = FileReader.prototype.readAsArrayBuffer;
  FileReader.prototype.readAsArrayBuffer = function (file) {{
    return read.call(this, ours && file.size > {MAX_BYTES} ? file.slice(0, 1) : file);
  }};
  const page = JSON.parse(document.getElementById("jupyter-config-data")?.text ?? "{{}}");
  const look = async () => {{
    const kernel = `${{page.baseUrl}}api/kernels/${{page.kernelId}}`;
    if (await fetch(kernel).then((answer) => answer.ok, () => false)) return;
    clearInterval(looking);
    const problem = Object.assign(document.createElement("p"), {{
      className: "bear-problem", role: "alert", textContent: "{GONE}"}});
    document.querySelector(".bear-app").prepend(problem);
  }};
  const looking = page.kernelId && setInterval(look, {LOOK} * 1000);
}})();
</script>"""


def page_script() -> PageScript:
    """The script of the app's page, to stand in a cell before the app."""
    return PageScript(SCRIPT)
