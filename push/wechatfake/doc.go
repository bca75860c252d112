// Package wechatfake answers like WeChat's server for one mini-program: code2Session, stable_token and
// subscribeMessage.send, as the public documents describe them. For tests and the demo.
package wechatfake
