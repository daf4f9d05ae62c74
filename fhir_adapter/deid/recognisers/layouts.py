"""The layouts of dates, as expressions: numbers, names of months, holidays."""

import re

NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
_MONTH = (r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
          r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)")
_ORDINAL = r"(?P<ordinal>st|nd|rd|th)?"
_BEFORE_SHORT = "|".join(rf"(?<=\b{cue})" for cue in (
    "on ", "since ", "until ", "dated ", "before ", "after ", "through ", "LMP ", "LMP: ", "EDC ", "EDC: ", "EDD ",
    "EDD: ", "Mon ", "Tue ", "Tues ", "Wed ", "Thu ", "Thurs ", "Fri ", "Sat ", "Sun ", "day ", "day, ", "date: ",
    "seen ", "week of ", "exam of "))
HOLIDAY = re.compile(
    r"\b(?:Thanksgiving(?:\sDay)?|Christmas(?:\s(?:Eve|Day))?(?!\s(?:tree|disease))|"
    r"New\sYear['’]?s?['’]?(?:\s(?:Eve|Day))|"
    r"Easter(?:\sSunday)?|Halloween|(?:4th|Fourth)\sof\sJuly|Independence\sDay|Labor\sDay|Memorial\sDay|"
    r"Veterans['’]?\sDay|Valentine['’]?s\sDay|St\.?\sPatrick['’]?s\sDay|Mother['’]?s\sDay|Father['’]?s\sDay|"
    r"Columbus\sDay|Juneteenth|Hanukkah|Passover|Yom\sKippur|Rosh\sHashanah|Ramadan|Diwali|Groundhog\sDay)\b")
WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
LAYOUTS = tuple(
    (rule, re.compile(expression, re.IGNORECASE))
    for rule, expression in (
        ("year first", r"(?<![\d.-])(?P<year>(?:19|20)\d\d)(?P<a>[-/.])(?P<mon>0?[1-9]|1[0-2])(?P=a)"
                       r"(?P<day>3[01]|[12]\d|0?[1-9])(?![\d])"),
        ("numeric with blanks", r"(?<![\d./-])(?P<mon>\d{1,2})(?P<a>\s?[-/.]\s)(?P<day>\d{1,2})(?P=a)"
                                r"(?P<year>(?:19|20)\d\d)"
                                r"(?![\d/-]|\.\d)"),
        ("month in Roman figures", r"(?<![\w./-])(?:3[01]|[12]\d|0?[1-9])(?P<a>[-/. ]\s?)(?-i:X?(?:IX|IV|V?I{1,3}|"
                                   r"V)|X)(?P=a)"
                                   r"(?:19|20)\d\d(?!\d)"),
        ("digits one by one", r"(?<![\w./-])(?<!\d )\d \d\s{1,2}[-/.]\s{1,2}\d \d\s{1,2}[-/.]\s{1,2}(?:\d )"
                              r"{1,3}\d(?![\w/])"),
        ("numeric", r"(?<![\d./-])(?P<mon>\d{1,2})(?P<a>[-/.])(?P<day>\d{1,2})(?P=a)(?P<year>(?:19|20)\d\d|\d\d)"
                    r"(?![\d/-]|\.\d)"),
        ("compact", r"(?<![\w.])(?P<year>(?:19|20)\d\d)(?P<a>)(?P<mon>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
                    r"(?=(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?(?![\w]))"),
        ("days of a month", rf"\b{_MONTH.replace('?P<month>', '?:')}\.?\s\d{{1,2}}(?:st|nd|rd|"
                            rf"th)?(?:,\s\d{{1,2}}(?:st|nd|rd|th)?)*"
                            r",?\s?(?:and|&|to|through|[-–])\s?\d{1,2}(?:st|nd|rd|th)?(?:,?\s(?:19|20)\d\d\b|"
                            r"(?![\d./]))"
                            r"(?!\s*(?:mm|cm|%|x\b|day|week|month|hour))"),
        ("month day year", rf"\b{_MONTH}(?P<a>\.?[\s-]+)(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}(?P<b>,?[\s-]+['’]?)"
                           rf"(?P<year>(?:19|20)\d\d|(?<=['’])\d\d)\b"),
        ("day month year", rf"(?<![\d.])(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}(?P<a>[\s-]+(?:of\s+)?){_MONTH}"
                           rf"(?P<b>\.?,?[\s-]+)(?P<year>(?:19|20)\d\d|\d\d(?=\b(?!\s*(?:mm|cm|year|month|week|day)))"
                           rf")\b"),
        ("numeric month year", r"(?<![\d./-])(?P<mon>0?[1-9]|1[0-2])(?P<a>/)(?P<year>(?:19|20)\d\d)(?![\d/])"),
        ("numeric month-year", r"(?<![\w./-])(?P<mon>0[1-9]|1[0-2])(?P<a>-)(?P<year>(?:19|20)\d\d)(?![\w/-])"),
        ("range end", r"(?<=\d[-–])(?P<mon>0?[1-9]|1[0-2])(?P<a>/)(?P<day>3[01]|[12]\d|0?[1-9])(?P=a)"
                      r"(?P<year>(?:19|20)\d\d|\d\d)(?![\d/])"),
        ("range start", r"(?<![\d./-])(?P<mon>0?[1-9]|1[0-2])(?P<a>/)(?P<day>3[01]|[12]\d|0?[1-9])"
                        r"(?=\s?[-–]\s?\d{1,2}/\d{1,2}/\d{2})"),
        ("month and short year", rf"\b{_MONTH}(?P<a>\.?,?\s+['’])(?P<year>\d\d)\b"),
        ("month year", rf"\b{_MONTH}(?P<a>\.?,?\s+(?:of\s+)?|[-/])(?P<year>(?:19|20)\d\d)\b"),
        ("year month", r"(?<![\w./-])(?P<year>(?:19|20)\d\d)(?P<a>-)(?P<mon>0[1-9]|1[0-2])(?![\w/-])"),
        ("day, month, year in one", rf"(?<!\w)(?P<day>3[01]|[12]\d|0?[1-9])(?P<a>){_MONTH}(?P<b>)"
                                    r"(?P<year>(?:19|20)\d\d|\d\d)(?!\w)"),
        ("month day", rf"\b{_MONTH}(?P<a>\.?\s+)(?P<day>3[01]|[12]\d|0?[1-9]){_ORDINAL}\b(?!\s*(?:mm|cm|%|x\b))"),
        ("day month", r"(?<![\w.,/-])(?P<day>3[01]|[12]\d|0?[1-9])(?P<ordinal>st|nd|rd|th)?(?P<a>\s(?:of\s)?)"
                      rf"(?-i:(?=[A-Z])){_MONTH}(?:(?<!May)|(?=[,.;)\n]|$))\b(?!\.?\s?['’]?\d)"),
        ("month and day in words", rf"\b{_MONTH.replace('?P<month>', '?:')}\s(?:the\s)?(?:(?:twenty|"
                                   rf"thirty)[\s-])?(?:first|second|third|"
                                   r"fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|"
                                   r"fourteenth|"
                                   r"fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)\b"
                                   r"(?:,?\s(?:nineteen|twenty|two\sthousand)(?:[\s-](?:and\s)?(?:oh[\s-])?"
                                   r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|ten|eleven|twelve|"
                                   r"\w+teen|one|two|"
                                   r"three|four|five|six|seven|eight|nine))(?:[\s-](?:one|two|three|four|five|six|"
                                   r"seven|eight|"
                                   r"nine))?)?\b"),
        ("month alone", r"(?:(?<=\blast )|(?<=\blate )|(?<=\bsince )|(?<=\buntil )|(?<=\bearly ))(?!(?-i:may)\b)"
                        rf"{_MONTH}(?P<a>)\b"),
        ("date before a time", r"(?<![\d./-])(?P<mon>0?[1-9]|1[0-2])(?P<a>/)(?P<day>3[01]|[12]\d|0?[1-9])"
                               r"(?=,?\s(?:at\s)?(?:[0-2]\d[0-5]\d(?:\s?h\b|[.,;]|\s(?!ml|cc|mm|cm|hu|mg)[a-z])|"
                               r"[0-2]?\d:[0-5]\d))"),
        ("short numeric, day first", rf"(?:{_BEFORE_SHORT})(?P<day>1[3-9]|2\d|3[01])(?P<a>/)(?P<mon>0?[1-9]|1[0-2])"
                                     r"(?![\d/])"),
        ("short numeric", rf"(?:{_BEFORE_SHORT})(?P<mon>0?[1-9]|1[0-2])(?P<a>/)(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/])"),
    )
)


MONTHS_ABROAD = frozenset({
    "abril", "agosto", "août", "aout", "aprile", "augusti", "augustus", "avril", "decembre", "dezember", "dezembro",
    "dicembre", "diciembre", "décembre", "enero", "febbraio", "febrero", "februar", "februari", "fevereiro", "fevrier",
    "février", "gennaio", "giugno", "janeiro", "januar", "januari", "janvier", "juillet", "juin", "julho", "juli",
    "julio", "junho", "juni", "junio", "jänner", "luglio", "maart", "maerz", "maggio", "mai", "maio", "maj", "mars",
    "marzo", "março", "mayo", "mei", "märz", "novembre", "noviembre", "octobre", "octubre", "oktober", "ottobre",
    "outubro", "septembre", "septiembre", "setembro", "settembre"})
"""Months in French, German, Spanish, Italian, Portuguese, Dutch and Swedish; such a date becomes [DATE]."""
DATE_ABROAD = re.compile(
    rf"(?<![\w.])(?:3[01]|[12]\d|0?[1-9])\.?º?\s(?:de\s)?(?:{'|'.join(sorted(MONTHS_ABROAD))})\s(?:del?\s)?(?:19|20)\d\d\b",
    re.IGNORECASE)
NUMERIC = tuple(row for row in LAYOUTS if row[0] in (
    "numeric with blanks", "month in Roman figures", "digits one by one", "numeric month-year",
    "short numeric, day first", "year first", "numeric", "compact", "numeric month year", "range end", "range start",
    "year month", "short numeric", "date before a time"))
WORDED = tuple(row for row in LAYOUTS if row not in NUMERIC)
