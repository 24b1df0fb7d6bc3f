"""What makes a slider's handle say its name: ipywidgets gives it none that screen readers know."""

SCRIPT = """<script>
(() => {
  const name = () => document.querySelectorAll("[role=slider]:not([aria-label])").forEach(
    (handle) => {
      const label = handle.closest(".jupyter-widgets")?.querySelector(".widget-label");
      if (label?.textContent) handle.setAttribute("aria-label", label.textContent);
    });
  new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
})();
</script>"""
