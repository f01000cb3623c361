package main

// sketchScenes are the screenshots of Contoso Sketch.
var sketchScenes = []scene{{"canvas", drawing}}

// drawing is a landscape on a canvas, tools on the left and colours below.
func drawing(c *canvas, l language) {
	x, y, width, height := desktop(c, l, hex(0xefedf2), l.accent)
	c.round(x+20, y+24, 64, height-150, 16, white)
	for tool := range 6 {
		top := y + 44 + tool*66
		if tool == 1 {
			c.round(x+26, top-8, 52, 56, 12, mix(white, l.accent, 3))
		}
		c.round(x+44, top, 16, 40, 8, l.cover(tool))
	}
	left, top := x+110, y+24
	right, bottom := x+width-30, y+height-120
	c.rect(left, top, right-left, bottom-top, hex(0xf7d9b0))
	c.disc(right-220, top+130, 70, hex(0xf2a65a))
	c.polygon(hex(0x6b4e71), point{left, bottom - 90}, point{left + 260, top + 150}, point{left + 520, bottom - 90})
	c.polygon(hex(0x3d405b), point{left + 300, bottom - 90}, point{left + 640, top + 90}, point{right, bottom - 90})
	c.rect(left, bottom-90, right-left, 90, hex(0x81b29a))
	for swatch := range 8 {
		c.disc(left+30+swatch*64, bottom+52, 22, mix(l.cover(swatch), white, swatch%3*3))
	}
	l.text(c, 700, left+580, bottom+44, 220, 10, 1, 24, hex(0x77757d))
}

// sketchLogo is the 1:1 box art: a brush on a stroke of paint.
func sketchLogo() *canvas {
	c := newCanvas(1080, 1080)
	c.rect(0, 0, 1080, 1080, hex(0x3d405b))
	c.round(160, 640, 760, 150, 75, hex(0xe07a5f))
	c.polygon(hex(0xf2cc8f), point{720, 150}, point{830, 260}, point{520, 640}, point{410, 530})
	c.polygon(hex(0xfdfaf3), point{410, 530}, point{520, 640}, point{470, 700}, point{350, 580})
	c.disc(400, 650, 62, hex(0xe07a5f))
	return c
}

// brushIcon is the 1:1 icon of an add-on: three brushes.
func brushIcon() *canvas {
	c := newCanvas(300, 300)
	c.rect(0, 0, 300, 300, hex(0x81b29a))
	for n, fill := range []uint32{0xfdfaf3, 0xf2cc8f, 0xe07a5f} {
		left := 66 + n*60
		c.round(left, 50+n*14, 44, 120, 20, hex(fill))
		c.polygon(hex(0x3d405b), point{left, 165 + n*14}, point{left + 44, 165 + n*14}, point{left + 22, 240 + n*8})
	}
	return c
}

// stickerIcon is the 1:1 icon of an add-on: a star on a sheet.
func stickerIcon() *canvas {
	c := newCanvas(300, 300)
	c.rect(0, 0, 300, 300, hex(0x6b4e71))
	c.round(50, 50, 200, 200, 26, hex(0xfdfaf3))
	// Two triangles make a star: a polygon is filled between all its edges.
	c.polygon(hex(0xf2a65a), point{150, 76}, point{214, 186}, point{86, 186})
	c.polygon(hex(0xf2a65a), point{150, 224}, point{86, 114}, point{214, 114})
	return c
}
