"""Sphinx's settings for the site: stored outputs, no execution, and no page that asks another machine for anything."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Generating music with deep learning"
author = "the course's authors"
copyright = "the course's authors: texts CC BY 4.0, code MIT"
extensions = ["myst_nb", "mathml"]
exclude_patterns = []
html_math_renderer = "mathml"
suppress_warnings = ["ref.python"]  # a bare name that several rooms have: the link leads to the first

nb_execution_mode = "off"
nb_ipywidgets_js = {}  # its two scripts come from another machine
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_update_mathjax = False
myst_dmath_double_inline = True

add_module_names = False
python_maximum_signature_line_length = 90
python_display_short_literal_types = True
toc_object_entries_show_parents = "hide"
pygments_style = "default"

html_theme = "sphinx_book_theme"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's machine is set
html_title = project
html_favicon = "static/note.svg"
html_static_path = ["static"]
html_css_files = ["course.css"]
html_js_files = [("course.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_source_button": False,
    "show_toc_level": 2,
    "footer_content_items": ["copyright.html"],
    "max_navbar_depth": 2,
    "collapse_navbar": True,  # else every page carries the list of all others: the build is a tenth longer
    "navigation_with_keys": False,
    "home_page_in_toc": False,
    "logo": {"text": "Generating music<br>with deep learning", "image_light": "static/note.svg", "image_dark": "static/note.svg"},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "secondary_sidebar_items": ["page-toc.html"],
    "navbar_persistent": [],
}
