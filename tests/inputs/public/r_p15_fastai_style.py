from fastai.basics import *
from fastai.vision.all import *
import torch.nn as nn
import torch.nn.functional as F

path = untar_data(URLs.MNIST_SAMPLE)

def conv(ni, nf, ks=3, act=True):
    layers = [nn.Conv2d(ni, nf, stride=2, kernel_size=ks, padding=ks//2)]
    layers.append(nn.BatchNorm2d(nf))
    if act: layers.append(nn.ReLU())
    return nn.Sequential(*layers)

def simple_cnn():
    return sequential(
        conv(1, 8, ks=5),        #14x14
        conv(8, 16),             #7x7
        conv(16, 32),            #4x4
        conv(32, 64),            #2x2
        conv(64, 10, act=False), #1x1
        nn.Flatten(),
    )

learn = Learner(dls, simple_cnn(), loss_func=F.cross_entropy, metrics=accuracy)
learn.fit_one_cycle(8, 0.06)
