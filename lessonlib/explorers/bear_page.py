"""What the app's page looks like, and what its browser does without Python. Used by bear_app.

The page may be light or dark, and of any template: text has the page's own colour, and whatever has
a colour of its own has its own ground or two edges.
"""

from IPython.display import HTML as PageScript

from lessonlib.explorers import handles
from lessonlib.show.figures import COLOURS

LOOK = 4  # seconds between two looks whether the page's kernel is there
MAX_BYTES = 8_000_000  # of an uploaded file; JupyterLab's server hangs up on 10 MiB
STYLE = f"""<style>
.bear-app {{max-width: 800px; font-size: 16px}}
.bear-app .widget-html-content, .bear-app .widget-label, .bear-app .widget-readout,
.bear-app .widget-upload {{font-size: 16px; line-height: 1.45}}
.bear-app .widget-upload {{width: 256px; max-width: 100%; height: auto; margin: 8px;
 padding: .6em 1em; border-radius: 6px; background: {COLOURS[0]}; color: white; font-weight: bold}}
.bear-app .widget-upload:disabled {{opacity: .45}}
.bear-app button:focus-visible, .bear-app [role=slider]:focus-visible {{
 outline: 3px solid black; outline-offset: 2px; box-shadow: 0 0 0 8px white}}
.bear-samples {{gap: 8px; margin: 0 0 8px 8px}}
.bear-app .bear-sample {{width: 84px; height: auto; min-height: 112px; margin: 0;
 padding: 76px 2px 2px; border: 1px solid #767676; border-radius: 6px;
 background: white top / 100% 74px no-repeat;
 color: black; font-size: 14px; line-height: 1.2; white-space: normal}}
.bear-app .bear-sample:disabled {{opacity: .45}}
.bear-app .widget-slider {{margin: .6em 0; height: 32px}}
.bear-app .noUi-target {{background: #767676}} .bear-app .noUi-handle {{border: 2px solid #444}}
.bear-app p {{margin: .4em 0}}
.bear-result {{gap: 8px 32px; align-items: flex-start}}
.bear-picture {{flex: 0 1 auto}} .bear-answer {{flex: 1 1 272px; min-width: 0}}
.bear-app figure {{margin: .4em 0}}
.bear-app img {{display: block; max-width: 100%; max-height: 352px; border-radius: 8px}}
.bear-app figcaption {{font-size: 14px; overflow-wrap: anywhere}}
.bear-app .bear-said {{font-size: 1.4em; line-height: 1.25; font-weight: bold; margin: .2em 0 .6em;
 overflow-wrap: anywhere}}
.bear-problem {{border-left: 6px solid {COLOURS[1]}; background: #fff4e5; color: black;
 padding: .6em .9em; overflow-wrap: anywhere}}
.bear-row {{margin: 0 0 .8em}}
.bear-line {{display: flex; justify-content: space-between; gap: 1em}}
.bear-track {{position: relative; height: 20px; background: #e6e6e6; border-radius: 3px}}
.bear-fill {{height: 100%; border-radius: 3px; background: #767676}}
.bear-yes .bear-fill {{background: {COLOURS[0]}}}
.bear-mark {{position: absolute; top: -4px; bottom: -4px; width: 3px; margin-left: -1.5px;
 background: black; outline: 1px solid white}}
.bear-app .bear-seen {{border-left: 6px solid {COLOURS[1]}; background: #fff4e5; color: black;
 padding: .4em .9em; margin-bottom: .8em}}
.bear-app .bear-key {{font-size: 14px}}
</style>"""
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
