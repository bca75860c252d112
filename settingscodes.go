package main

import (
	"strconv"
	"time"

	"xunfang/models"
)

// settleCodes reads what visitors' codes are like, and refuses what makes them guessable.
func (s *settings) settleCodes(mistakes *mistakeList) {
	before := len(mistakes.lines)
	s.codes = models.CodeRules{
		Digits:    mistakes.number("code-digits", s.CodeDigits, models.LeastCodeDigits, models.MostCodeDigits),
		Extension: mistakes.number("code-extension-digits", s.CodeExtensionDigits, models.LeastExtensionDigits, models.MostExtensionDigits),
		Tries:     mistakes.number("code-tries", s.CodeTries, 0, models.MostCodeTries),
		Few:       mistakes.number("codes-few", s.CodesFew, 0, models.MostLiveCodes),
		Most:      mistakes.number("codes-most", s.CodesMost, models.LeastLiveCodes, models.MostLiveCodes),
		Pause:     time.Duration(mistakes.number("code-pause", s.CodePause, 1, models.MostCodePause)) * time.Second,
	}
	least, most := int(models.LeastAllowListLife.Hours()), int(models.MostAllowListLife.Hours())
	s.listLife = time.Duration(mistakes.number("allow-list-hours", s.AllowListHours, least, most)) * time.Hour
	if len(mistakes.lines) > before {
		return
	}
	if s.codes.Few > s.codes.Most {
		mistakes.add("codes-few", "must be at most --codes-most")
	} else if err := s.codes.Check(); err != nil {
		mistakes.add("code-digits", "with --code-extension-digits, --code-tries, --codes-few, --codes-most and --code-pause: %v", err)
	}
}

func (m *mistakeList) number(setting, value string, least, most int) int {
	number, err := strconv.Atoi(value)
	if err != nil || number < least || number > most {
		m.add(setting, "must be a number from %d to %d, not %q", least, most, value)
	}
	return number
}
