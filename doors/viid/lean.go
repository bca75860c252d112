package viid

import (
	"bufio"
	"io"
)

// maxText is how many characters of one JSON string are read, an escape being one; of a longer one, which is a picture, the rest is
// skipped.
const maxText = 512

// lean passes JSON on with its long strings cut short, so that a picture in a body takes no memory.
type lean struct {
	from   *bufio.Reader
	state  func(*lean, byte) bool
	length int // of the string that is being read
	digits int // of \uXXXX that are still to come
	cut    bool
}

func newLean(from io.Reader) *lean {
	return &lean{from: bufio.NewReaderSize(from, 4<<10), state: outside}
}

// Read implements io.Reader.
func (l *lean) Read(into []byte) (int, error) {
	kept := 0
	for kept < len(into) {
		char, err := l.from.ReadByte()
		if err != nil {
			if kept > 0 {
				return kept, nil
			}
			return 0, err
		}
		if l.state(l, char) {
			into[kept] = char
			kept++
		}
	}
	return kept, nil
}

// outside, inside, escaped and digits say of each byte whether it is passed on, and which of them looks at the next. A string is cut
// between two of its characters' bytes and never within an escape.
func outside(l *lean, char byte) bool {
	if char == '"' {
		l.state, l.length, l.cut = inside, 0, false
	}
	return true
}

func inside(l *lean, char byte) bool {
	if char == '"' {
		l.state = outside
		return true
	}
	l.length++
	l.cut = l.length > maxText
	if char == '\\' {
		l.state = escaped
	}
	return !l.cut
}

func escaped(l *lean, char byte) bool {
	if l.state = inside; char == 'u' {
		l.state, l.digits = digits, 4
	}
	return !l.cut
}

func digits(l *lean, _ byte) bool {
	if l.digits--; l.digits == 0 {
		l.state = inside
	}
	return !l.cut
}
