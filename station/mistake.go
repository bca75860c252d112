package station

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxMistakes is how many mistakes are told, those of the first lines; the others are counted.
const MaxMistakes = 100

// Mistake is one thing that is wrong with the file. The text repeats no name, number or phone
// of a person.
type Mistake struct {
	Line int // from 1
	Text string
}

// Mistakes is the error of Read: everything that is wrong, by line.
type Mistakes struct {
	List []Mistake // at most MaxMistakes
	More int       // how many there are beyond the list
}

// Error is one line per mistake.
func (m Mistakes) Error() string {
	text := strings.Builder{}
	for _, mistake := range m.List {
		_, _ = fmt.Fprintf(&text, "line %d: %s\n", mistake.Line, mistake.Text)
	}
	if m.More > 0 {
		_, _ = fmt.Fprintf(&text, "and %d more\n", m.More)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// collected is Mistakes while the file is read.
type collected struct{ Mistakes }

// add keeps the mistake if it is among the first.
func (m *collected) add(line int, format string, values ...any) {
	m.List = append(m.List, Mistake{Line: max(line, 1), Text: fmt.Sprintf(format, values...)})
	if len(m.List) >= 10*MaxMistakes {
		m.settle()
	}
}

// settle sorts the list by line and bounds it.
func (m *collected) settle() {
	slices.SortStableFunc(m.List, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	if len(m.List) > MaxMistakes {
		m.More += len(m.List) - MaxMistakes
		m.List = m.List[:MaxMistakes]
	}
}
