package main

import "image/color"

// The size of a screenshot, the smallest that the Store takes.
const (
	screenWidth  = 1366
	screenHeight = 768
)

// scene is one screenshot, drawn for each language.
type scene struct {
	name string
	draw func(c *canvas, l language)
}

var scenes = []scene{
	{"library", library},
	{"page", page},
	{"night", night},
	{"notes", notes},
}

var (
	white = hex(0xffffff)
	ink   = hex(0x2b2d33)
)

// desktop draws the wallpaper and an empty app window, and returns the left
// and top edge of what is inside.
func desktop(c *canvas, l language, surface, bar color.RGBA) (x, y, width, height int) {
	paper := mix(hex(0xf4efe6), l.accent, 3)
	c.rect(0, 0, screenWidth, screenHeight, paper)
	c.disc(1180, 120, 420, mix(paper, l.accent, 2))
	c.disc(140, 720, 340, mix(paper, white, 5))
	x, y, width, height = 96, 64, screenWidth-192, screenHeight-128
	c.round(x-3, y+8, width+6, height, 18, mix(paper, ink, 4)) // shadow
	c.round(x, y, width, height, 16, surface)
	c.round(x, y, width, 52, 16, bar)
	c.rect(x, y+30, width, 22, bar)
	for i, dot := range []color.RGBA{mix(bar, white, 4), mix(bar, white, 8), mix(bar, white, 12)} {
		c.disc(x+width-28-i*30, y+26, 8, dot)
	}
	l.text(c, 1, x+28, y+22, 190, 9, 1, 20, mix(bar, white, 13))
	return x, y + 52, width, height - 52
}

// library is a wall of books.
func library(c *canvas, l language) {
	x, y, width, height := desktop(c, l, white, l.accent)
	side := hex(0xf3f1ec)
	c.rect(x, y, 210, height-16, side)
	c.round(x, y+height-60, 210, 60, 16, side)
	c.rect(x+100, y+height-60, 110, 60, side)
	for row := range 7 {
		if row == 1 {
			c.round(x+14, y+22+row*54, 182, 40, 10, mix(side, l.accent, 4))
		}
		c.round(x+28, y+32+row*54, 20, 20, 5, l.cover(row))
		l.text(c, uint64(10+row), x+62, y+38+row*54, 80+row%3*22, 8, 1, 20, mix(side, ink, 11))
	}
	for row := range 2 {
		for column := range 6 {
			book(c, l, row*6+column, x+244+column*(width-262)/6, y+34+row*276)
		}
	}
}

// book is one cover with its title below.
func book(c *canvas, l language, n, x, y int) {
	cover := l.cover(n*3 + n/6)
	c.round(x+4, y+6, 120, 180, 8, hex(0xdedbd3))
	c.round(x, y, 120, 180, 8, cover)
	c.rect(x+10, y, 3, 180, mix(cover, ink, 4))
	switch n % 4 {
	case 0:
		c.disc(x+66, y+112, 34, mix(cover, white, 8))
	case 1:
		c.polygon(mix(cover, white, 8), point{x + 66, y + 74}, point{x + 106, y + 150}, point{x + 26, y + 150})
	case 2:
		for i := range 4 {
			c.round(x+28, y+84+i*20, 76-i*14, 9, 4, mix(cover, white, 8))
		}
	default:
		c.round(x+30, y+80, 72, 72, 14, mix(cover, white, 8))
		c.round(x+44, y+94, 44, 44, 9, cover)
	}
	l.text(c, uint64(30+n), x+28, y+26, 76, 9, 2, 20, white)
	l.text(c, uint64(60+n), x, y+204, 116, 8, 1, 20, ink)
	l.text(c, uint64(90+n), x, y+226, 70, 6, 1, 20, hex(0x9a9aa0))
}

// page is an open book.
func page(c *canvas, l language) {
	x, y, width, height := desktop(c, l, hex(0xe9e4d8), l.accent)
	paper := hex(0xfdfaf3)
	c.round(x+60, y+36, width/2-62, height-96, 6, paper)
	c.round(x+width/2+2, y+36, width/2-62, height-96, 6, paper)
	text := mix(paper, ink, 13)
	l.text(c, 200, x+120, y+84, 250, 14, 1, 30, l.accent)
	l.prose(c, 201, x+120, y+132, width/2-182, height-260, text)
	l.prose(c, 202, x+width/2+62, y+84, width/2-182, height-212, text)
	c.rect(x+width/2-2, y+36, 4, height-96, hex(0xd8d1c1))
	c.round(x+60, y+height-34, width-120, 6, 3, hex(0xd0c8b6))
	c.round(x+60, y+height-34, (width-120)*5/12, 6, 3, l.accent)
	c.disc(x+60+(width-120)*5/12, y+height-31, 10, l.accent)
}

// night is one dark column with the panel that sets it up.
func night(c *canvas, l language) {
	dark := hex(0x1d1f26)
	x, y, width, height := desktop(c, l, dark, mix(dark, l.accent, 5))
	l.text(c, 300, x+170, y+60, 260, 14, 1, 30, mix(l.accent, white, 7))
	l.prose(c, 301, x+170, y+108, width-620, height-170, mix(dark, hex(0xf2d9b8), 11))
	panel := mix(dark, white, 2)
	c.round(x+width-370, y+48, 320, 430, 14, panel)
	for row := range 4 {
		top := y + 86 + row*84
		l.text(c, uint64(310+row), x+width-340, top, 120, 8, 1, 20, mix(panel, white, 12))
		c.round(x+width-340, top+30, 260, 6, 3, mix(panel, white, 4))
		at := 60 + (row*97+len(l.covers)*13)%180
		c.round(x+width-340, top+30, at, 6, 3, l.cover(row))
		c.disc(x+width-340+at, top+33, 11, white)
	}
	for i := range 5 {
		c.disc(x+width-324+i*58, y+440, 18, l.cover(i))
	}
}

// notes is a text with highlights and the notes beside it.
func notes(c *canvas, l language) {
	x, y, width, height := desktop(c, l, hex(0xfdfaf3), l.accent)
	paper := hex(0xfdfaf3)
	for i, top := range []int{3, 4, 11, 16} {
		if l.vertical {
			c.round(x+74+(19-top)*24, y+70, 20, 150+i*90, 5, mix(paper, l.cover(i), 6))
			continue
		}
		c.round(x+66, y+72+top*24, 420-i*70, 20, 5, mix(paper, l.cover(i), 6))
	}
	l.prose(c, 400, x+70, y+78, width-540, height-140, mix(paper, ink, 13))
	c.rect(x+width-420, y, 1, height-20, hex(0xe0d9ca))
	for i := range 4 {
		top := y + 36 + i*136
		c.round(x+width-390, top, 350, 116, 12, white)
		c.round(x+width-390, top, 8, 116, 4, l.cover(i))
		l.text(c, uint64(410+i), x+width-360, top+24, 180, 9, 1, 20, ink)
		l.text(c, uint64(420+i), x+width-360, top+54, 286, 7, 2+i%2, 20, hex(0x85858c))
	}
}

// mark is the app's sign, an open book with a ribbon, in a box of the given size.
func mark(c *canvas, x, y, size int, paper, ribbon color.RGBA) {
	at := func(px, py int) point { return point{x + size*px/100, y + size*py/100} }
	c.polygon(mix(paper, ink, 3), at(10, 30), at(49, 40), at(49, 88), at(10, 78))
	c.polygon(mix(paper, ink, 4), at(51, 40), at(90, 30), at(90, 78), at(51, 88))
	c.polygon(paper, at(16, 20), at(49, 34), at(49, 82), at(16, 70))
	c.polygon(mix(paper, ink, 1), at(51, 34), at(84, 20), at(84, 70), at(51, 82))
	for i := range 4 {
		c.polygon(mix(paper, ink, 3), at(23, 34+i*9), at(43, 42+i*9), at(43, 45+i*9), at(23, 37+i*9))
	}
	c.polygon(ribbon, at(64, 28), at(74, 24), at(74, 58), at(69, 54), at(64, 62))
}

// logo is the 1:1 box art.
func logo() *canvas {
	c := newCanvas(1080, 1080)
	c.rect(0, 0, 1080, 1080, hex(0x1f6f8b))
	c.disc(820, 240, 560, hex(0x2a7f9c))
	c.disc(200, 1000, 420, hex(0x195e77))
	mark(c, 140, 120, 800, hex(0xfdfaf3), hex(0xe07a5f))
	return c
}

// poster is the 2:3 poster art.
func poster() *canvas {
	c := newCanvas(720, 1080)
	c.rect(0, 0, 720, 1080, hex(0x1f6f8b))
	c.disc(560, 200, 420, hex(0x2a7f9c))
	for i := range 6 {
		c.round(-40+i*24, 780+i*52, 800, 34, 17, mix(hex(0x195e77), languages[0].cover(i), 5+i))
	}
	mark(c, 90, 150, 540, hex(0xfdfaf3), hex(0xe07a5f))
	return c
}
