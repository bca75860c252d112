package auth

import (
	"fmt"
	"io"

	"xunfang/models"
)

// NewReleaseWord draws four digits, each four as likely as any other, that let a locked vehicle out once.
func NewReleaseWord(random io.Reader) (models.Secret, error) {
	number, err := uniform(random, 10_000)
	if err != nil {
		return "", err
	}
	return models.Secret(fmt.Sprintf("%0*d", models.ReleaseWordDigits, number)), nil
}
