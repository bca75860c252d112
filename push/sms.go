package push

import (
	"context"
	"fmt"
	"io"
	"strings"

	"xunfang/models"
)

// SMSSender sends a sign-in code to a phone. It ends when ctx does. CodeSMSTooSoon when the provider
// sends no more to this phone for now (RetryAfter says for how long), CodeBusy for everything else.
type SMSSender interface {
	SendCode(ctx context.Context, phone, code models.Secret, locale string) error
}

// ConsoleSMS prints codes instead of sending them. For development only: whoever reads the output
// can sign in.
type ConsoleSMS struct {
	Out io.Writer // safe for concurrent use, as a terminal or file is
}

// SendCode implements SMSSender.
func (c ConsoleSMS) SendCode(_ context.Context, phone, code models.Secret, locale string) error {
	_, err := fmt.Fprintf(c.Out, "[development only, no SMS was sent] sign-in code %s for %s (%s)\n",
		code.Reveal(), maskPhone(phone), locale)
	if err != nil {
		return models.Fail(models.CodeBusy).Because(fmt.Errorf("push: console: %w", err))
	}
	return nil
}

// maskPhone leaves the last two digits, enough to tell one's own phones apart.
func maskPhone(phone models.Secret) string {
	number := []rune(phone.Reveal())
	shown := 2
	if len(number) < 2*shown { // too short to hide anything behind
		shown = 0
	}
	hidden := len(number) - shown
	return strings.Repeat("*", hidden) + string(number[hidden:])
}
