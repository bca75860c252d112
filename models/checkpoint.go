package models

import "time"

// Checkpoint is a place that patrols pass.
type Checkpoint struct {
	ID        ID
	Place     Place // the station, and the compound if it lies in one
	Name      string
	At        Position
	RadiusM   int
	Methods   []CheckInMethod
	NFCMAC    []byte // keyed hash of the tag's UID; nil without a tag
	KeyPlace  bool
	CreatedAt time.Time

	Generation   int       // of the secret behind rotating codes
	GenerationAt time.Time // when it began; zero for the first
}

// Offers says whether the checkpoint takes the method. A printed sign carries
// the QR code and the typed code together.
func (c Checkpoint) Offers(method CheckInMethod) bool {
	for _, offered := range c.Methods {
		if offered == method || (offered == MethodQR && method == MethodManualCode) {
			return true
		}
	}
	return false
}

// NearestCheckpoint finds the checkpoint that a fix may belong to: the nearest one
// whose radius the fix can lie in, given its accuracy.
func NearestCheckpoint(fix Fix, checkpoints []Checkpoint) (Checkpoint, bool) {
	nearest, best, found := Checkpoint{}, 0.0, false
	for _, checkpoint := range checkpoints {
		distance := fix.DistanceM(checkpoint.At)
		if distance <= float64(checkpoint.RadiusM)+min(fix.AccuracyM, MaxTrustedAccuracyM) && (!found || distance < best) {
			nearest, best, found = checkpoint, distance, true
		}
	}
	return nearest, found
}
