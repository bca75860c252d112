package auth_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"xunfang/auth"
	"xunfang/models"
)

func generate(t *testing.T) *auth.Keys {
	t.Helper()
	keys, err := auth.GenerateKeys(rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestProofsAreOurs(t *testing.T) {
	keys, other := generate(t), generate(t)
	end := time.Date(2026, 11, 24, 2, 10, 0, 0, time.UTC)
	made, err := keys.NewProof(rand.Reader, 18, end)
	if err != nil {
		t.Fatal(err)
	}
	if read, ours := keys.ReadProof(made.Text); !ours || read != made || !read.ExpiresAt.Equal(end) || read.ZeroBits != 18 {
		t.Errorf("read back: %+v, %t", read, ours)
	}
	if _, ours := other.ReadProof(made.Text); ours {
		t.Error("a challenge of other keys is taken")
	}
	for at := range made.Text {
		for _, c := range "Ab-" {
			altered := made.Text[:at] + string(c) + made.Text[at+1:]
			if _, ours := keys.ReadProof(altered); ours && altered != made.Text {
				t.Fatalf("altered at %d it is taken", at)
			}
		}
	}
	if _, ours := keys.ReadProof(""); ours {
		t.Error("nothing is taken")
	}
}

// Receipts have sixteen digits, of which each place has each digit equally often, the first included.
func TestReceiptsAreUniform(t *testing.T) {
	keys, end := generate(t), time.Date(2026, 11, 24, 2, 10, 0, 0, time.UTC)
	const draws = 4000
	seen, counts := map[models.Secret]bool{}, [models.ReceiptDigits][10]int{}
	for range draws {
		proof, err := keys.NewProof(rand.Reader, 18, end)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := keys.Receipt(proof)
		if err != nil {
			t.Fatal(err)
		}
		again, err := keys.Receipt(proof)
		if err != nil || again != receipt || len(receipt) != models.ReceiptDigits || seen[receipt] {
			t.Fatalf("%s, again %s, %v", receipt.Reveal(), again.Reveal(), err)
		}
		seen[receipt] = true
		for place, digit := range []byte(receipt.Reveal()) {
			counts[place][digit-'0']++
		}
	}
	for place := range counts {
		chiSquared := 0.0
		for _, count := range counts[place] {
			off := float64(count) - draws/10
			chiSquared += off * off / (draws / 10)
		}
		if chiSquared > 45 { // nine degrees of freedom: by chance once in a million
			t.Errorf("place %d: %v", place, counts[place])
		}
	}
}

func TestReceiptHash(t *testing.T) {
	keys, other, passwords := generate(t), generate(t), auth.NewPasswords(1, time.Second, rand.Reader)
	hash := func(keys *auth.Keys, receipt models.Secret) string {
		made, err := passwords.ReceiptHash(context.Background(), keys, receipt)
		if err != nil || len(made) != 32 {
			t.Fatal(err)
		}
		return string(made)
	}
	first := hash(keys, "4829130057164402")
	if hash(keys, "4829130057164402") != first || hash(keys, "4829130057164403") == first || hash(other, "4829130057164402") == first {
		t.Error("it must depend on the receipt and the pepper, and on nothing else")
	}
	for text, want := range map[string]models.Secret{
		"4829 1300 5716 4402": "4829130057164402", "4829-1300-5716-4402": "4829130057164402", "４８２９１３００５７１６４４０２": "4829130057164402",
		"482913005716440": "", "48291300571644020": "", "482913005716440x": "", "": "", strings.Repeat("1", 100): "",
	} {
		if got := auth.NormalizeReceipt(text); got != want {
			t.Errorf("%q: %q", text, got.Reveal())
		}
	}
}
