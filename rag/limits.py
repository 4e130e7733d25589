"""Every size, count and time that a visitor or a file can meet: the one place to look for a limit, and to change it.

Bytes are of what is sent or stored, characters are Unicode code points.
"""

# Bulletin files
MAX_TEXT_FILE_BYTES = 4_000_000  # the office's bulletins are under 20,000
MAX_BINARY_FILE_BYTES = 20_000_000  # of a PDF or a Word document, which can hold pictures
MAX_HASHED_FILE_BYTES = 64_000_000  # no larger file is a bulletin
MAX_BODY_LINES = 20_000  # of a body; the office's bulletins have under 200
MAX_MARKDOWN_LINES = 50_000  # lines of a file, wrapped ones and blank ones included
MAX_MARKDOWN_DEPTH = 90  # levels of lists and quotations; under 100 nothing is read
MAX_HTML_DEPTH = 500  # elements; browsers stop at 512, and the parser's time grows with depth
MAX_REOPENED_ELEMENTS = 1_000_000  # elements; an unclosed <b> is opened anew in every block after it
MAX_STYLE_RULES = 2_000  # of a page's own style sheets that can hide words; what is beyond them isn't looked at
MAX_STYLE_STEPS = 1_000_000  # elements looked at for these rules
MAX_LINKED_DATA_CHARS = 200_000  # of a page's JSON-LD; a longer one is cut off, and so states nothing
MAX_LEFT_OUT_NOTES = 10  # on words that an author hid or struck; the rest are counted
MAX_LEFT_OUT_CHARS = 60  # of such words that a note repeats, and of those before them
MAX_FRONT_MATTER_CHARS = 20_000
MAX_HEADLINE_CHARS = 180
MAX_HEADLINE_WORDS = 26
MAX_SENTENCE_CHARS = 1_200

# The sandbox that reads files
SANDBOX_MEMORY_BYTES = 1_000_000_000  # of address space, of which Python and lxml take a third
SANDBOX_CPU_SECONDS = 30  # of the processor
SANDBOX_WALL_SECONDS = 60  # a file may take, though a large one takes few
SANDBOX_OUTPUT_BYTES = 64_000_000  # of what is read of one file
SANDBOX_OPEN_FILES = 16
SANDBOX_FILES = 500  # that one process reads, one after the other
SANDBOX_IDLE_SECONDS = 10.0  # after which it ends
SANDBOX_START_SECONDS = 60  # in which it must be ready, however busy the machine is
MAX_DOCX_ENTRIES = 2_000
MAX_DOCX_UNPACKED_BYTES = 50_000_000  # bytes unpacked
MAX_DOCX_RATIO = 100  # unpacked to packed
MAX_DOCX_UNCHECKED_BYTES = 1_000_000  # bytes unpacked that may be packed as tightly as they like
MAX_PDF_PAGES = 500
MAX_PDF_LINES = 50_000
MAX_PDF_CHARS = 4_000_000
MAX_PDF_STREAM_BYTES = 50_000_000  # that one stream unpacks to
MAX_PDF_UNPACKED_BYTES = 100_000_000  # that all streams read unpack to

# Corrections
MAX_CORRECTIONS_BYTES = 256_000  # of the file
MAX_CORRECTION_CHARS = 300  # of a title, and of a reason

# Fetching
MAX_REDIRECTS = 5
MAX_FETCH_TRIES = 3  # where the host asks to wait
MAX_RETRY_WAIT_SECONDS = 60.0  # that a host can make us wait
CONNECT_SECONDS = 10.0  # seconds to connect
READ_SECONDS = 20.0  # between two pieces of an answer
FETCH_SECONDS = 60.0  # from the beginning of a request to the end of its answer
MAX_MADE_NAME_CHARS = 100  # of a name made here
MAX_FETCHED_NAME_BYTES = 200  # of any; a name is made longer for the file of corrections beside it
MAX_LISTING_PAGES = 200
MAX_LISTED_BULLETINS = 10_000
MAX_ROBOTS_BYTES = 512_000  # that are read; what is beyond is left out (RFC 9309, 2.5: at least 500 kibibytes)
FETCH_PAUSE_SECONDS = 1.0
MAX_FETCH_PAUSE_SECONDS = 30.0  # that a host's robots.txt can ask for
MAX_URL_CHARS = 2_000
MAX_SYNC_FAILURES = 10  # one after another, after which the host is left alone
RESOLVE_SECONDS = 10.0  # that the search for a host's address may take
LISTING_SECONDS = (
    3_600.0  # of a sync, for robots.txt and the listing's pages; the bulletins found so far are fetched then
)
SYNC_SECONDS = 4 * 3_600.0  # of a sync in all; the next one goes on with the pages that are left

# Questions
MAX_QUESTION_CHARS = 1_000
MAX_CONDITIONS = 30  # districts and periods that one question may name

# The operator's notice
MAX_NOTICE_CHARS = 300  # of the line
MAX_NOTICE_PHRASES = 50
MAX_NOTICE_PHRASE_CHARS = 60

# Receipts
MAX_RECEIPT_BYTES = 5_000_000

# Quotations and drafts
MAX_QUOTATIONS = 2_000  # of a draft
MAX_QUOTATION_CHARS = 20_000  # of one quotation
MAX_MATCHES = 400  # places that are looked at for one quotation
MAX_DRAFT_BYTES = 10_000_000  # of a file
MAX_DRAFT_CHARS = 1_000_000  # that are checked
MAX_DRAFT_MESSAGES = 20
MAX_QUOTATION_DEPTH = 50  # quotations nested in one another; marks that open further ones aren't followed
MAX_CLAUSE_CHARS = 1_000  # before a quotation and behind it, so that an endless sentence isn't read once for each

# What is kept of questions, feedback and changes
MAX_LOG_LINE_BYTES = 4_000  # of a line; so short a write is one piece
MAX_AUDIT_VALUE_CHARS = 2_000  # of a value
KEPT_GENERATIONS = 5
MAX_QUESTION_LOG_BYTES = 20_000_000  # of the file, some 140,000 questions
MAX_UNANSWERED_BYTES = 5_000_000  # of the file
UNANSWERED_DAYS = 90
MAX_FEEDBACK = 10_000  # kept; then the oldest of the day with the most go, never evaluation cases
MAX_FEEDBACK_OF_ADDRESS = 200  # within a day, by one address
MAX_FEEDBACK_QUOTES = 100  # of an answer
MAX_FEEDBACK_CHARS = 500
MAX_SAVED_QUESTIONS = 200
MAX_OFF_REASON_CHARS = 300  # of a reason

# Accounts
MAX_ACCOUNTS = 500
SESSION_SECONDS = 12 * 3600
MAX_COOKIE_CHARS = 300  # of a cookie that is looked at
MAX_LOGIN_TRIES = 10  # tries of one account, and of one address
MAX_LOGIN_TRIES_OF_ALL = 300  # by everybody: each costs a processor some 120 ms
LOGIN_WINDOW_SECONDS = 300.0
REFUSED_PASSWORDS_SECONDS = 3_600.0  # in which the audit log gets two entries of an account's at most: one, and a count
KNOWN_PLACE_SECONDS = 30 * 86_400  # after a right password: from there an account can't be locked out by others
MAX_KNOWN_PLACES = 1_000  # accounts and addresses together; the oldest is forgotten first

# Staged files and uploads
MAX_STAGED_FILES = 500
MAX_STAGED_NAME_BYTES = 180  # of a name: that of its corrections is longer, and a file system takes 255
MAX_UPLOAD_FORM_BYTES = 256_000_000  # of one form
MAX_UPLOAD_FILES = 200  # files of one form
MAX_FORM_FIELDS = 20_000  # of a form; a bulletin may have many sections, and each as many boxes as there are districts
MAX_EDITABLE_SECTIONS = 60  # on the operator's page; a file with more is corrected by command

# Work: processor seconds of the thread that does it, and seconds on the clock
ORDINARY_CPU_SECONDS = 0.2  # work that takes longer goes on one at a time
QUESTION_CPU_SECONDS, QUESTION_SECONDS = 2.0, 30.0
PUBLIC_CHECK_CPU_SECONDS, PUBLIC_CHECK_SECONDS = 2.0, 30.0
DRAFT_CPU_SECONDS, DRAFT_SECONDS = 16.0, 300.0
REPORT_CPU_SECONDS, REPORT_SECONDS = 4.0, 60.0  # to show or to save what was checked
PAGE_CPU_SECONDS, PAGE_SECONDS = 2.0, 30.0  # a page that anybody opens, two texts beside each other among them
CPU_SECONDS_BY_QUESTION = 0.15  # for each question that one address may ask in a minute: 4.5 s of 30
RESERVED_CPU_SECONDS = 0.75  # of them for a question under way, so that one address has few of the places for questions
ORDINARY_SHARE = 0.35  # of them, after which a sender's work waits behind that of others
WORK_OF_AN_ACCOUNT = 10  # times as many: a draft may take 20
QUESTIONS_AT_ONCE = 32  # that are answered or wait for their turn in it; the server has 40 threads

# Requests
MAX_QUERY_STRING_BYTES = 8_192
REQUEST_HEAD_SECONDS = 10.0  # seconds from connecting, or from the last response, to the end of a request's head
MAX_WAITING_QUESTIONS = 64  # questions, beside those that are being answered
MAX_REQUESTS_AT_ONCE = 1_000  # at work, beside the streams below
MAX_REQUESTS_OF_ONE_ADDRESS = 250  # of these, from one address
MAX_ANSWER_STREAMS = 1_000  # a page holds one while it waits for an answer
MAX_ANSWER_STREAMS_OF_ONE_ADDRESS = 250
ANSWER_STREAM_SECONDS = 1_800.0  # that one may last: a question waits until the first library is made
MAX_HEARTBEATS = 1_000  # an open page holds one, which does nothing; for one more the oldest is ended
MAX_HEARTBEATS_OF_ONE_ADDRESS = 100
MAX_STAFF_REQUESTS = 400  # room of their own for signing in, the staff and the operators, whatever the public does
MAX_STAFF_REQUESTS_OF_ONE_ADDRESS = 40
SLOW_READER_SECONDS = 30.0  # in which a reader must take ...
SLOW_READER_BYTES = 100_000  # ... so many bytes of what waits to be sent, or all of it
STALE_ANSWER_SECONDS = 120.0
MAX_STALE_ANSWERS = 1_000  # sessions with answers waiting; of more, those that wait longest are dropped
MAX_LOGGED_HOSTS = 50  # names; anybody can make up as many as they like
MAX_CONNECTIONS = 5_000  # far more than ``ConcurrencyLimit`` lets in: those who only hold on to a connection are closed
MAX_FEEDBACK_BYTES = 16_384  # of what is sent: 500 characters take 6,000 at most
MAX_DRAFT_FORM_BYTES = 11_000_000  # of a form: a file of ten million and what goes with it
MAX_CHECKS_AT_ONCE = 2  # further ones wait
MAX_PUBLIC_QUOTATION_CHARS = 2_000  # of what anybody may have checked

# Conversations and pages
CONVERSATION_SECONDS = 6 * 3600  # that a conversation is kept after its last question
MAX_CONVERSATIONS = 500  # conversations that are remembered; of more, those that went on longest ago are begun anew
MAX_CONVERSATIONS_BYTES = 100_000_000  # of all their answers, packed to about a tenth; of more, the oldest are given up
MAX_TURNS = 30  # of a conversation; the earliest leave the page
MAX_CONVERSATION_CHARS = 1_000_000  # of its answers, of which the newest stays whatever its size
MAX_EARLIER_QUESTIONS = 10  # questions that go along with a new one
MAX_ENTRIES_SHOWN = 200  # entries on the page; what is beyond is in the file to save
MAX_OTHER_SOURCES = 20  # further sources of a quotation that are listed; the files hold all
MAX_MISSING_SHOWN = 200
MAX_COMPARED_CHARS = 5_000  # of two paragraphs that are compared word by word; longer ones are cut into sentences
MAX_SEARCH_CHARS = 200  # of what is searched for
