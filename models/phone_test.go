package models_test

import (
	"testing"

	"xunfang/models"
)

func TestMaskPhone(t *testing.T) {
	for phone, want := range map[models.Secret]string{"13912345678": "*******5678", "1234": "1234", "": "", "12345": "*2345"} {
		if got := models.MaskPhone(phone); got != want {
			t.Errorf("%q becomes %q, want %q", phone.Reveal(), got, want)
		}
	}
}

func TestCanonicalPhone(t *testing.T) {
	for phone, want := range map[models.Secret]models.Secret{
		"+8613912345678": "13912345678", "13912345678": "13912345678", "+861391234567": "+861391234567",
		"+86139123456789": "+86139123456789", "+8601012345678": "+8601012345678", "+14155550123": "+14155550123", "": "",
	} {
		if got := models.CanonicalPhone(phone); got != want {
			t.Errorf("%s becomes %s, want %s", phone.Reveal(), got.Reveal(), want.Reveal())
		}
	}
}
