package models

import "strings"

// CheckCodeLength is how many characters of CheckCodeLetters a certificate's code has: 60 bits.
const (
	CheckCodeLength  = 12
	CheckCodeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's, without I, L, O and U
)

// SpacedCheckCode is how a certificate's code is printed.
func SpacedCheckCode(code Secret) string {
	text := code.Reveal()
	if len(text) != CheckCodeLength {
		return text
	}
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}

// NormalCheckCode brings a typed code into the form that is kept: upper case, without dashes, and with the letters
// that are read as digits as digits.
func NormalCheckCode(text string) string {
	return strings.NewReplacer("-", "", "I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(text))
}

// CertificateState is what a check says of a certificate.
type CertificateState string

// What a check says.
const (
	CertificateGenuine CertificateState = "genuine"
	CertificateRevoked CertificateState = "revoked"
	CertificateUnknown CertificateState = "unknown"
)

// CertificateCheck is all that whoever holds the paper learns: enough to compare with what is printed on it, and no more. Of one
// that was revoked it does not repeat whose it was.
type CertificateCheck struct {
	State      CertificateState
	Year       int    // 0: unknown
	Station    string // as it is printed
	MaskedName string // "": revoked, unknown, or granted so long ago that the name was forgotten
}

// Checked is what a check says of a commendation that was found by its code.
func (c Commendation) Checked() CertificateCheck {
	if !c.WasGranted() {
		return CertificateCheck{State: CertificateUnknown}
	}
	check := CertificateCheck{State: CertificateRevoked, Year: c.GrantedOn.Year, Station: c.StationName}
	if c.State == CommendationGranted {
		check.State = CertificateGenuine
		if c.PersonName != "" {
			check.MaskedName = MaskName(c.PersonName)
		}
	}
	return check
}

// CertificateCheckURL is where the square on a certificate leads; "" where the public address is not known.
func CertificateCheckURL(public string, code Secret) string {
	if public == "" {
		return ""
	}
	return strings.TrimRight(public, "/") + "/v1/certificate-checks/" + code.Reveal()
}
