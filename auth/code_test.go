package auth

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFoldIsFairForEverySmallSpace(t *testing.T) {
	for below := uint64(1); below <= 256; below++ {
		times := make([]int, below)
		for word := range uint64(256) {
			if number, ok := fold(word, 256, below); ok {
				times[number]++
			}
		}
		for number, count := range times {
			if count != int(256/below) {
				t.Fatalf("below %d: %d comes up %d times of 256, not %d", below, number, count, 256/below)
			}
		}
	}
}

func TestFoldAtTheEdgesOfRealCodes(t *testing.T) {
	for _, test := range []struct {
		word, below, want uint64
		ok                bool
	}{
		{0, 1_000_000_000, 0, true},
		{999_999_999, 1_000_000_000, 999_999_999, true},
		{1_000_000_000, 1_000_000_000, 0, true},
		{3_999_999_999, 1_000_000_000, 999_999_999, true},
		{4_000_000_000, 1_000_000_000, 0, false},
		{math.MaxUint32, 1_000_000_000, 0, false},
		{4_293_999_999, 1_000_000, 999_999, true},
		{4_294_000_000, 1_000_000, 0, false},
		{math.MaxUint32, 1_000_000, 0, false},
	} {
		number, ok := fold(test.word, 1<<32, test.below)
		if number != test.want || ok != test.ok {
			t.Errorf("fold(%d, below %d) = %d, %v", test.word, test.below, number, ok)
		}
	}
}

func TestUniformDrawsAgainAndEnds(t *testing.T) {
	words := func(list ...uint32) *bytes.Buffer {
		var out bytes.Buffer
		for _, word := range list {
			_ = binary.Write(&out, binary.BigEndian, word)
		}
		return &out
	}
	code, err := NewVisitorCode(words(4_000_000_000, math.MaxUint32, 3_999_999_999))
	if err != nil || code.Reveal()[:9] != "999999999" {
		t.Errorf("%q, %v", code.Reveal(), err)
	}
	code, err = NewVisitorCode(words(7))
	if err != nil || code.Reveal()[:9] != "000000007" {
		t.Errorf("leading noughts: %q, %v", code.Reveal(), err)
	}
	if _, err = NewVisitorCode(words(4_000_000_000)); err == nil {
		t.Error("randomness that ran out made a code")
	}
	if code, err = NewSMSCode(iotest.ErrReader(fmt.Errorf("broken"))); err == nil || code != "" {
		t.Error("a broken source made a code")
	}
	if _, err = NewSMSCode(ones{}); err == nil {
		t.Error("a source that only gives refused words made a code")
	}
}

type ones struct{}

func (ones) Read(p []byte) (int, error) {
	for at := range p {
		p[at] = 0xff
	}
	return len(p), nil
}

// chiSquare over each place's digits; nine degrees of freedom a place.
func chiSquare(counts [10]int, draws int) float64 {
	want, sum := float64(draws)/10, 0.0
	for _, count := range counts {
		sum += (float64(count) - want) * (float64(count) - want) / want
	}
	return sum
}

func TestCodesAreUniform(t *testing.T) {
	const draws = 100_000
	const limit = 33.72 // chi-square, 9 degrees of freedom, p = 0.0001
	random := stream(7)
	for name, test := range map[string]struct {
		places int
		draw   func() (string, error)
	}{
		"visitor": {10, func() (string, error) { code, err := NewVisitorCode(random); return code.Reveal(), err }},
		"sms":     {6, func() (string, error) { code, err := NewSMSCode(random); return code.Reveal(), err }},
	} {
		counts := make([][10]int, test.places)
		for range draws {
			code, err := test.draw()
			if err != nil || len(code) != test.places {
				t.Fatalf("%s: %q, %v", name, code, err)
			}
			for at, c := range []byte(code) {
				counts[at][c-'0']++
			}
		}
		for at := range counts {
			if found := chiSquare(counts[at], draws); found > limit {
				t.Errorf("%s: place %d: chi-square %.1f > %.1f", name, at, found, limit)
			}
		}
	}
	// Negative control: the first digit without rejection, 2^32 folded into nine digits,
	// is biased (0 to 2 come up more often), and the test sees it.
	var counts [10]int
	var word [4]byte
	for range draws {
		_, _ = random.Read(word[:])
		counts[binary.BigEndian.Uint32(word[:])%1_000_000_000/100_000_000]++
	}
	if chiSquare(counts, draws) <= limit {
		t.Error("the test does not see the bias of a plain remainder")
	}
}

func TestCheckDigitOfTheStandard(t *testing.T) {
	// The standard's own example, and published test numbers of a tax id that uses it.
	for _, number := range []string{"07945", "86095742719", "47036892816", "65929970489"} {
		last := len(number) - 1
		if got := checkDigit(number[:last]); got != number[last] {
			t.Errorf("%s: check digit %c", number, got)
		}
	}
}

func TestCheckDigitFindsEveryWrongDigit(t *testing.T) {
	random := stream(8)
	swaps, unseen := 0, 0
	for range 500 {
		drawn, err := NewVisitorCode(random)
		if err != nil || !CodeWellFormed(drawn.Reveal()) {
			t.Fatalf("%q, %v", drawn.Reveal(), err)
		}
		for at := range drawnDigits + 1 {
			code := []byte(drawn.Reveal())
			for digit := byte('0'); digit <= '9'; digit++ {
				code[at] = digit
				if CodeWellFormed(string(code)) != (string(code) == drawn.Reveal()) {
					t.Fatalf("%s taken for %s", code, drawn.Reveal())
				}
			}
			if at > 0 {
				code = []byte(drawn.Reveal())
				code[at-1], code[at] = code[at], code[at-1]
				if string(code) != drawn.Reveal() {
					swaps++
					if CodeWellFormed(string(code)) {
						unseen++
					}
				}
			}
		}
	}
	if unseen*20 > swaps {
		t.Errorf("%d of %d swaps of neighbours went unseen", unseen, swaps)
	}
}

func TestNormalizeCode(t *testing.T) {
	for text, want := range map[string]string{
		"1234567890":              "1234567890",
		" 123 456-7890\n":         "1234567890",
		"123\u3000456\u00a07890":  "1234567890",
		"123–456—78‐9−0":          "1234567890",
		"１２３４５６７８９０":              "1234567890",
		"１２３－４５６７８９０":             "1234567890",
		"\ufeff12345\u200b67890":  "1234567890",
		"12345o7890":              "12345o7890",
		"١٢٣":                     "١٢٣",
		"":                        "",
		strings.Repeat(" ", 64):   "",
		strings.Repeat("1", 65):   "",
		strings.Repeat(" ", 1000): "",
	} {
		if got := NormalizeCode(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
	good, _ := NewVisitorCode(stream(1))
	for _, code := range []string{"", "0", good.Reveal()[:9], good.Reveal() + "0", "12345o7890", "١٢٣٤٥", "-123456789"} {
		if CodeWellFormed(code) {
			t.Errorf("%q passes for a code", code)
		}
	}
}
