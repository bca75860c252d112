package models

import (
	"fmt"
	"strings"
	"unicode"
)

// plateProvinces are the first characters of a plate (GA 36, table of abbreviations), plateSuffixes the last ones of those
// that have one: trailer, learner, police, Hong Kong, Macau.
const (
	plateProvinces = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
	plateSuffixes  = "挂学警港澳"
	plateEnergy    = "ABCDEFGHJK" // of new-energy vehicles: A to E purely electric, F to K not
)

const (
	plateLength    = 7 // characters of a plate
	plateNewEnergy = 8 // of a green one
)

// NormalPlate brings a plate or a tag, as people type it and cameras read it, into one form: upper case, without spaces, dots
// and dashes, full-width characters as ASCII.
func NormalPlate(text string) Secret {
	return Secret(strings.Map(func(c rune) rune {
		if c >= '！' && c <= '～' { // the full-width forms of ASCII
			c -= '！' - '!'
		}
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToUpper(c)
		default:
			return -1
		}
	}, text))
}

// PlateTail is what of a plate is shown to who need not know it: its last four characters.
func PlateTail(plate Secret) string {
	characters := []rune(plate.Reveal())
	return string(characters[max(0, len(characters)-4):])
}

// CheckPlate refuses what is no plate of GA 36, and says at which character: 川J12345, 川J1234学, or of new energy 川JD12345 and
// 川J12345D. The plate is one of NormalPlate.
func CheckPlate(plate Secret) error {
	characters := []rune(plate.Reveal())
	if len(characters) != plateLength && len(characters) != plateNewEnergy {
		return Unfit("plate", FieldFormat, "7 characters, or 8 of a new-energy vehicle: 川J12345, 川JD12345")
	}
	if !strings.ContainsRune(plateProvinces, characters[0]) {
		return Unfit("plate", FieldFormat, "character 1: a province, as in 川J12345")
	}
	if c := characters[1]; c < 'A' || c > 'Z' || c == 'I' {
		return Unfit("plate", FieldFormat, "character 2: a letter, as in 川J12345")
	}
	if len(characters) == plateNewEnergy {
		return checkNewEnergy(characters)
	}
	letters := 0
	for at, c := range characters[2:] {
		if at == 4 && strings.ContainsRune(plateSuffixes, c) {
			continue
		}
		if !plateCharacter(c) {
			return Unfit("plate", FieldFormat, fmt.Sprintf("character %d: a digit, or a letter but I and O", at+3))
		}
		if c >= 'A' {
			letters++
		}
	}
	if letters > 2 {
		return Unfit("plate", FieldFormat, "at most two letters after the second character")
	}
	return nil
}

// checkNewEnergy looks at the serial number of a green plate: small vehicles have the letter first, and one more letter may follow
// it; large ones have it last.
func checkNewEnergy(characters []rune) error {
	serial := characters[2:]
	digits := func(part []rune) bool {
		return strings.Trim(string(part), "0123456789") == ""
	}
	small := strings.ContainsRune(plateEnergy, serial[0]) && plateCharacter(serial[1]) && digits(serial[2:])
	large := digits(serial[:5]) && strings.ContainsRune(plateEnergy, serial[5])
	if small || large {
		return nil
	}
	return Unfit("plate", FieldFormat, "new energy: a letter A to K and digits after character 2, as in 川JD12345 or 川J12345D")
}

func plateCharacter(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' && c != 'I' && c != 'O'
}

// checkLocalPlate takes the plates of e-bikes, which each city makes up for itself.
func checkLocalPlate(plate Secret) error {
	if count := len([]rune(plate.Reveal())); count < 4 || count > 12 {
		return Unfit("plate", FieldFormat, "4 to 12 letters and digits")
	}
	return nil
}

// confusable are the characters that cameras take for one another.
var confusable = []string{"0ODQ", "1ILT7", "8B3", "2Z7", "5S", "6G", "UV", "MN", "CG", "EF", "PR", "KX", "4A"}

// PlateVariants lists every plate that a camera may have meant by what it read: those that differ from it in one character by one
// that it is easily taken for; of the province, by any other. What was read is not among them.
func PlateVariants(read Secret) []Secret {
	characters := []rune(read.Reveal())
	variants, seen := []Secret{}, map[string]bool{string(characters): true}
	for at, c := range characters {
		for _, other := range mistakenFor(at, c) {
			changed := append([]rune{}, characters...)
			changed[at] = other
			if text := string(changed); !seen[text] {
				seen[text] = true
				variants = append(variants, Secret(text))
			}
		}
	}
	return variants
}

func mistakenFor(at int, c rune) []rune {
	others := []rune{}
	if at == 0 && strings.ContainsRune(plateProvinces, c) {
		others = append(others, []rune(plateProvinces)...)
	}
	for _, group := range confusable {
		if strings.ContainsRune(group, c) {
			others = append(others, []rune(group)...)
		}
	}
	return others
}
