package main

import (
	"context"

	"xunfang/models"
	"xunfang/wake"
)

// wakes says whether there are other replicas to wake.
func (s *settings) wakes() bool { return s.Wake != "off" && s.Wake != "" }

// settleWake checks how replicas wake each other.
func (s *settings) settleWake(mistakes *mistakeList) {
	if !s.wakes() {
		if s.WakePasswordFile != "" {
			mistakes.add("wake", "is needed with wake-password-file")
		}
		return
	}
	if err := wake.Check(s.Wake); err != nil {
		mistakes.add("wake", "%v", err)
	}
	if s.WakePasswordFile != "" {
		mistakes.secretFile("wake-password-file", s.WakePasswordFile)
	}
}

// newWake makes the line to other replicas, where there are any.
func (s *service) newWake() (err error) {
	if !s.settings.wakes() {
		return nil
	}
	config := wake.Config{
		URL: s.settings.Wake, Own: string(newID()), Logger: s.log,
		Heard: func(ctx context.Context, what models.Wake, id models.ID) error { return s.server.Woken(ctx, what, id) },
	}
	if s.settings.WakePasswordFile != "" {
		config.Password = func() (models.Secret, error) { return secretNow(s.settings.WakePasswordFile) }
	}
	if s.wake, err = wake.New(config); err != nil {
		return err
	}
	s.server.Replicas = s.wake
	return nil
}
